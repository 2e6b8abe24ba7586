#include "sql_text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace daymill::sql {
namespace {

using Kind = Token::Kind;

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

Status unclosed(std::string_view what) {
  return Status(Code::invalid_config, "found " + std::string(what) + " that is not closed");
}

/// The end of what begins at `from` with a quote: after the closing one. Doubled quotes stay
/// inside.
std::size_t end_of_quoted(std::string_view sql, std::size_t from) {
  const char close = sql[from] == '[' ? ']' : sql[from];
  for (std::size_t i = from + 1; i < sql.size(); ++i) {
    if (sql[i] != close) {
      continue;
    }
    if (close == ']' || i + 1 == sql.size() || sql[i + 1] != close) {
      return i + 1;
    }
    ++i;
  }
  return std::string_view::npos;
}

/// After the comment that begins at `from`; `from` when there is none.
std::size_t end_of_comment(std::string_view sql, std::size_t from) {
  if (sql.substr(from, 2) == "--") {
    const std::size_t line = sql.find('\n', from);
    return line == std::string_view::npos ? sql.size() : line + 1;
  }
  if (sql.substr(from, 2) == "/*") {
    const std::size_t close = sql.find("*/", from + 2);
    return close == std::string_view::npos ? close : close + 2;
  }
  return from;
}

bool is_date_function(const std::string& word) {
  static const char* const kNames[] = {"date",      "time",     "datetime",
                                       "julianday", "strftime", "unixepoch"};
  return std::find(std::begin(kNames), std::end(kNames), word) != std::end(kNames);
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  return out + "\"";
}

std::string excerpt(std::string_view sql) {
  constexpr std::size_t kLongest = 200;
  std::string text;
  for (const char c : sql) {
    if (static_cast<unsigned char>(c) > ' ') {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.size() <= kLongest) {
    return text;
  }
  std::size_t end = kLongest;
  while ((static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80) {
    --end;  // not in the middle of a character
  }
  return text.substr(0, end) + "...";
}

Result<std::vector<Token>> tokens_of(std::string_view sql) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    if (c == '\0') {
      return Status(Code::invalid_config, "found a NUL, expected SQL");
    }
    if (const std::size_t end = end_of_comment(sql, i); end != i) {
      if (end == std::string_view::npos) {
        return unclosed("a comment /*");
      }
      i = end;
    } else if (c == '\'' || c == '"' || c == '`' || c == '[') {
      const std::size_t close = end_of_quoted(sql, i);
      if (close == std::string_view::npos) {
        return unclosed(std::string("a quote ") + c);
      }
      tokens.push_back(
          {c == '\'' ? Kind::text : Kind::other, std::string(sql.substr(i + 1, close - i - 2))});
      i = close;
    } else if (is_word(c)) {
      const std::size_t begin = i;
      while (i < sql.size() && is_word(sql[i])) {
        ++i;
      }
      tokens.push_back({Kind::word, lower(sql.substr(begin, i - begin))});
    } else {
      if (std::isspace(static_cast<unsigned char>(c)) == 0) {
        tokens.push_back({c == '('   ? Kind::open
                          : c == ')' ? Kind::close
                          : c == ';' ? Kind::semicolon
                                     : Kind::other,
                          std::string(1, c)});
      }
      ++i;
    }
  }
  return tokens;
}

Status check_expression(std::string_view sql) {
  DAYMILL_ASSIGN(const std::vector<Token> tokens, tokens_of(sql));
  int depth = 0;
  for (const Token& token : tokens) {
    depth += token.kind == Kind::open ? 1 : token.kind == Kind::close ? -1 : 0;
    if (depth < 0) {
      return Status(Code::invalid_config, "found a ) without its (");
    }
    if (token.kind == Kind::semicolon) {
      return Status(Code::invalid_config, "found a ;, expected one expression");
    }
  }
  if (depth > 0) {
    return unclosed("a (");
  }
  return tokens.empty() ? Status(Code::invalid_config, "found nothing, expected an SQL expression")
                        : Status();
}

Status check_timeless(std::string_view sql) {
  DAYMILL_ASSIGN(const std::vector<Token> tokens, tokens_of(sql));
  const auto refuse = [](const std::string& found) {
    return Status(Code::invalid_config, "found " + found +
                                            ": a day must come out the same whenever and wherever "
                                            "it is loaded")
        .next("use :date, the day that is loaded");
  };
  const auto kind_at = [&](std::size_t i) {
    return i < tokens.size() ? tokens[i].kind : Kind::other;
  };
  bool any = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Kind::word || !is_date_function(tokens[i].text) ||
        kind_at(i + 1) != Kind::open) {
      continue;
    }
    any = true;
    const std::size_t times_at = tokens[i].text == "strftime" ? i + 3 : i + 2;
    if (kind_at(times_at) == Kind::close) {
      return refuse(tokens[i].text + " without a time, which means now");
    }
  }
  for (const Token& token : tokens) {
    const std::string text = token.kind == Kind::text ? lower(token.text) : std::string();
    if (any && (text == "now" || text == "localtime" || text == "utc")) {
      return refuse("'" + text + "' in a date function");
    }
  }
  return {};
}

}  // namespace daymill::sql
