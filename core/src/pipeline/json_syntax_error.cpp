#include "pipeline/json_syntax_error.hpp"

#include <cctype>
#include <string>
#include <utility>

#include "pipeline/json_excerpt.hpp"

namespace daymill {
namespace {

struct Description {
  std::size_t offset;
  std::string message;
  std::string expected;
  std::string suggestion;
  std::optional<TextEdit> fix = {};
};

class SyntaxDescriber {
 public:
  SyntaxDescriber(const std::string& text, const SyntaxPlace& place) : text_(text), place_(place) {}

  Description describe() const {
    const std::size_t at = skip_space(place_.cursor);
    switch (place_.state) {
      case SyntaxState::after_key:
        if (at == text_.size() || text_[at] != ':')
          return unexpected(at, "a colon must follow the key", "':'");
        return bad_value(skip_space(at + 1), "a value");
      case SyntaxState::after_value:
        return after_value(at);
      case SyntaxState::after_open:
        return place_.in_array ? bad_value(at, "a value or ']'") : bad_key(at, "a key or '}'");
      case SyntaxState::start:
        break;
    }
    if (at == text_.size())
      return {0, "the file is empty", "a JSON object", ""};
    return bad_value(at, "a JSON object");
  }

 private:
  Description after_value(std::size_t at) const {
    if (place_.outside)
      return unexpected(at, "there is text after the end of the JSON value", "the end of the file");
    const char closing = place_.in_array ? ']' : '}';
    const std::string expected = std::string("',' or '") + closing + "'";
    if (at == place_.cursor && at < text_.size() && is_number_part(text_[at]))
      return bad_number(at, expected);
    if (at == text_.size() || text_[at] != ',')
      return unexpected(at, "a comma or a closing bracket is missing before this", expected);
    const std::size_t next = skip_space(at + 1);
    if (next < text_.size() && text_[next] == closing)
      return {at, "a comma must not stand before the closing bracket", "", "remove the comma",
              TextEdit{at, 1, ""}};
    if (next < text_.size() && text_[next] == ',') {
      return {next, "one comma is enough", "", "remove the second", TextEdit{next, 1, ""}};
    }
    return place_.in_array ? bad_value(next, "a value") : bad_key(next, "a key");
  }

  Description bad_key(std::size_t at, const std::string& expected) const {
    if (at < text_.size() && is_word(text_[at]))
      return {at, "a key must be in double quotes", expected, "write it in double quotes"};
    return bad_value(at, expected);
  }

  Description bad_value(std::size_t at, const std::string& expected) const {
    if (at == text_.size())
      return unexpected(at, "", expected);
    const char c = text_[at];
    if (c == '"')
      return bad_string(at);
    if (c == '\'')
      return {at, "texts are in double quotes in JSON", expected, "replace ' by \""};
    if (place_.number_out_of_range)
      return {at, "the number is too large", expected, ""};
    if (is_word(c))
      return {at, "a bare word is not a JSON value", expected, "write texts in double quotes"};
    if (is_number_part(c))
      return bad_number(at, expected);
    return unexpected(at, "this cannot stand here", expected);
  }

  static Description bad_number(std::size_t at, const std::string& expected) {
    return {at, "this is not a JSON number", expected,
            "no plus sign, no leading zeros, digits on both sides of the point"};
  }

  static bool is_number_part(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
  }

  Description bad_string(std::size_t at) const {
    const std::size_t last = place_.last_read;
    if (last >= text_.size() || text_[last] == '\n' || text_[last] == '\r')
      return {at, "the text has no closing quote", "'\"' before the end of the line", ""};
    if (static_cast<unsigned char>(text_[last]) < 0x20)
      return {last, "a control character stands in a text", "an escape such as \\t", ""};
    return {last, "the backslash sequence is not JSON", R"(\" \\ \/ \b \f \n \r \t or \uXXXX)",
            R"(write \\ for a backslash)"};
  }

  Description unexpected(std::size_t at, std::string message, std::string expected) const {
    if (at == text_.size())
      return {end_of_content(), "the file ends too early", std::move(expected), ""};
    if (text_[at] == '/' || text_[at] == '#')
      return {at, "JSON has no comments", std::move(expected),
              R"(remove it, or say it in "description")"};
    return {at, std::move(message), std::move(expected), ""};
  }

  static bool is_word(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  std::size_t skip_space(std::size_t at) const {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at);
    return next == std::string::npos ? text_.size() : next;
  }

  std::size_t end_of_content() const {
    const std::size_t last = text_.find_last_not_of(" \t\r\n");
    return last == std::string::npos ? 0 : last + 1;
  }

  const std::string& text_;
  const SyntaxPlace& place_;
};

}  // namespace

Finding describe_syntax_error(const JsonDocument& document, const SyntaxPlace& place) {
  Description description = SyntaxDescriber(document.text(), place).describe();
  Finding finding = finding_at(document, {description.offset, 1}, "json.syntax",
                               "malformed JSON: " + description.message, Show::nothing);
  finding.caret_length = 1;
  finding.expected = std::move(description.expected);
  finding.suggestion = std::move(description.suggestion);
  finding.fix = std::move(description.fix);
  return finding;
}

}  // namespace daymill
