#include "query_text.hpp"

#include <algorithm>
#include <array>

#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

struct Placeholder {
  const char* name;
  const char* type;
};
constexpr std::array kPlaceholders = {Placeholder{"date", "pg_catalog.date"},
                                      Placeholder{"start", "pg_catalog.timestamptz"},
                                      Placeholder{"end", "pg_catalog.timestamptz"}};

Status refuse(const std::string& message) {
  return Status(Code::invalid_config, "query: " + message);
}

bool continues_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || byte >= 0x80;
}

}  // namespace

/// Goes through the text once, as PostgreSQL's own scanner does, and copies it.
class QueryScanner {
 public:
  explicit QueryScanner(std::string_view text) : text_(text) {}

  Result<QueryText> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool space = std::string_view(" \t\r\n\f\v").find(c) != std::string_view::npos;
      if (starts("--")) {
        copy(std::min(text_.find('\n', at_), text_.size()) - at_);
      } else if (starts("/*")) {
        DAYMILL_TRY(block_comment());
      } else if (space) {
        copy(1);
      } else if (ended_) {
        return refuse("expected one statement, found \"" + printable(text_.substr(at_), 40) +
                      "\" after the semicolon");
      } else {
        DAYMILL_TRY(token(c));
      }
    }
    if (!any_) {
      return refuse("it is empty, expected one SELECT");
    }
    if (open_ != 0) {
      return refuse("a ( is not closed");
    }
    if (query_.placeholders_.empty()) {
      return refuse("expected {date}, or {start} and {end}, so that each day reads its own rows");
    }
    return std::move(query_);
  }

 private:
  [[nodiscard]] bool starts(std::string_view with) const {
    return text_.substr(at_, with.size()) == with;
  }
  void copy(std::size_t count) {
    query_.sql_ += text_.substr(at_, count);
    at_ += count;
  }

  Status token(char c) {
    any_ = true;
    if (c == ';') {
      ended_ = true;
      ++at_;
      return {};
    }
    if (c == '\'' || c == '"') {
      return quoted_text(c, /*backslashes=*/false);
    }
    if ((c == 'e' || c == 'E') && text_.substr(at_ + 1, 1) == "'") {
      copy(1);
      return quoted_text('\'', /*backslashes=*/true);
    }
    if (c == '$') {
      return dollar();
    }
    if (c == '{') {
      return placeholder();
    }
    open_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (open_ < 0) {  // the query stands between ( and ) itself
      return refuse("found a ) before its (: \"" + printable(text_.substr(at_), 40) + "\"");
    }
    copy(1);
    while (continues_name(c) && at_ < text_.size() && continues_name(text_[at_])) {
      copy(1);
    }
    return {};
  }

  Status quoted_text(char quote, bool backslashes) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) {
      end += backslashes && text_[end] == '\\' ? 2 : 1;
    }
    if (end >= text_.size()) {
      return refuse(std::string("a ") + quote + " is not closed");
    }
    return copy_quoted(end + 1 - at_);  // a doubled quote begins another text at once
  }

  Status dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && continues_name(text_[end]) && text_[end] != '$') {
      ++end;
    }
    const std::string_view tag = text_.substr(at_ + 1, end - at_ - 1);
    if (!tag.empty() && tag[0] >= '0' && tag[0] <= '9') {
      return refuse("found the parameter $" + printable(tag) +
                    ", expected the placeholders {date}, {start} or {end}");
    }
    if (end == text_.size() || text_[end] != '$') {
      copy(1);  // no text begins here; the server says what is wrong
      return {};
    }
    const std::string_view delimiter = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(delimiter, end + 1);
    if (close == std::string_view::npos) {
      return refuse("the text after " + printable(delimiter) + " is not closed");
    }
    return copy_quoted(close + delimiter.size() - at_);
  }

  /// Text within quotes stays as it is, so a placeholder there would be a mistake.
  Status copy_quoted(std::size_t size) {
    const std::string_view quoted = text_.substr(at_, size);
    for (const Placeholder& known : kPlaceholders) {
      const std::string name = std::string("{") + known.name;
      for (const char* end : {"}", ":"}) {
        if (quoted.find(name + end) != std::string_view::npos) {
          return refuse("a placeholder stands within quotes: " + printable(quoted) +
                        ", where it would not be replaced; expected it outside, as in "
                        "to_char({date}, 'YYYYMMDD')");
        }
      }
    }
    copy(size);
    return {};
  }

  Status block_comment() {
    std::size_t depth = 0;
    std::size_t end = at_;
    do {
      if (end >= text_.size()) {
        return refuse("a comment is not closed");
      }
      const std::string_view two = text_.substr(end, 2);
      depth += two == "/*" ? 1 : 0;
      depth -= two == "*/" ? 1 : 0;
      end += two == "/*" || two == "*/" ? 2 : 1;
    } while (depth != 0);
    copy(end - at_);
    return {};
  }

  Status placeholder() {
    const std::size_t end = std::min(text_.find('}', at_), text_.size());
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    const auto* const known = std::find_if(kPlaceholders.begin(), kPlaceholders.end(),
                                           [&](const Placeholder& p) { return p.name == name; });
    if (end == text_.size() || known == kPlaceholders.end()) {
      return refuse("found {" + printable(name, 40) +
                    "}, expected {date}, {start} or {end}; a date is formatted with "
                    "to_char({date}, 'YYYYMMDD')");
    }
    auto& used = query_.placeholders_;
    auto parameter = std::find(used.begin(), used.end(), known->name);
    if (parameter == used.end()) {
      parameter = used.insert(used.end(), known->name);
    }
    query_.sql_ += "($" + std::to_string(parameter - used.begin() + 1) + "::" + known->type + ")";
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool any_ = false;    // anything but space and comments
  bool ended_ = false;  // by a semicolon
  int open_ = 0;        // parentheses
  QueryText query_;
};

Result<QueryText> QueryText::parse(std::string_view text) {
  return QueryScanner(text).run();
}

Params QueryText::params(const Partition& partition) const {
  Params params;
  for (const std::string& placeholder : placeholders_) {
    params.emplace_back(placeholder == "date"    ? date_text(partition.day)
                        : placeholder == "start" ? timestamp_text(partition.start_us)
                                                 : timestamp_text(partition.end_us));
  }
  return params;
}

}  // namespace daymill::postgres
