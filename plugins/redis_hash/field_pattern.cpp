#include "field_pattern.hpp"

#include <algorithm>
#include <utility>

#include "daymill/value.hpp"

namespace daymill::redis_hash {
namespace {

Status wrong(std::string_view pattern, const std::string& problem) {
  return Status(Code::invalid_config,
                "field pattern \"" + printable(pattern) + "\": " + problem +
                    ", expected columns like \"{ad_id:int64}:{search_word:text}\"");
}

bool is_name(std::string_view text) {
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (c < '0' || c > '9')) {
      return false;
    }
  }
  return !text.empty() && (text.front() < '0' || text.front() > '9');
}

/// What stands between two braces: "ad_id:int64".
Result<FieldPattern::Column> parse_column(std::string_view pattern, std::string_view inner) {
  const std::size_t colon = inner.find(':');
  if (colon == std::string_view::npos) {
    return wrong(pattern, "column {" + printable(inner) + "} has no type");
  }
  FieldPattern::Column column;
  column.name = inner.substr(0, colon);
  const std::string_view type = inner.substr(colon + 1);
  if (!is_name(column.name)) {
    return wrong(pattern, "\"" + printable(column.name) + "\" is not a column name");
  }
  if (type == "int64") {
    column.type = Type::int64;
  } else if (type != "text") {
    return wrong(pattern, "column " + column.name + " has the type \"" + printable(type) +
                              "\", which is neither int64 nor text");
  }
  return column;
}

}  // namespace

Result<FieldPattern> FieldPattern::parse(std::string_view text) {
  FieldPattern parsed;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] != '{') {
      return wrong(text, "found \"" + printable(text.substr(at)) + "\" outside of columns");
    }
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos) {
      return wrong(text, "a brace is not closed");
    }
    DAYMILL_ASSIGN(Column column, parse_column(text, text.substr(at + 1, close - at - 1)));
    for (const Column& other : parsed.columns) {
      if (other.name == column.name) {
        return wrong(text, "column " + column.name + " is there twice");
      }
    }
    const std::size_t open = std::min(text.find('{', close), text.size());
    column.separator = text.substr(close + 1, open - close - 1);
    at = open;
    if (at < text.size() && column.separator.empty()) {
      return wrong(text, "nothing separates column " + column.name + " from the next");
    }
    if (at == text.size() && !column.separator.empty()) {
      return wrong(text, "found \"" + printable(column.separator) + "\" after the last column");
    }
    parsed.columns.push_back(std::move(column));
  }
  if (parsed.columns.empty()) {
    return wrong(text, "it has no column");
  }
  return parsed;
}

}  // namespace daymill::redis_hash
