// SQL text as people write it into settings: what can be said about it without SQLite.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <daymill/status.hpp>

namespace daymill::sql {

/// "name" with its quotes doubled: safe wherever SQL expects an identifier.
std::string quote_name(std::string_view name);

/// SQL for messages: on one line, cut when it is long.
std::string excerpt(std::string_view sql);

struct Token {
  enum class Kind { word, text, open, close, semicolon, other };
  Kind kind = Kind::other;
  std::string text;  ///< a word in lower case, a text without its quotes
};

/// INVALID_CONFIG when a quote or comment is not closed. Comments and spaces are left out.
Result<std::vector<Token>> tokens_of(std::string_view sql);

/// INVALID_CONFIG when `sql`, put into parentheses, would not stay inside them, or is empty.
Status check_expression(std::string_view sql);

/// INVALID_CONFIG when a date function is asked for the present time or for the machine's time
/// zone: date('now'), date(), datetime(x, 'localtime').
Status check_timeless(std::string_view sql);

}  // namespace daymill::sql
