// The query of the source as a pipeline file gives it, and as the server takes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "daymill/partition.hpp"
#include "daymill/status.hpp"

namespace daymill::postgres {

/// One SELECT whose placeholders {date}, {start} and {end} have become parameters with a type:
/// ($1::date), ($2::timestamptz). What the partition is never becomes part of the text.
class QueryText {
 public:
  /// INVALID_CONFIG unless it is one statement with at least one placeholder, none of them within
  /// quotes, and no parameters of its own. Whether it is a SELECT is the server's to say.
  static Result<QueryText> parse(std::string_view text);

  /// Without a semicolon at its end; may end with a comment.
  [[nodiscard]] const std::string& sql() const { return sql_; }
  /// Values of $1 and so on.
  [[nodiscard]] Params params(const Partition& partition) const;

 private:
  friend class QueryScanner;
  std::string sql_;
  std::vector<std::string> placeholders_;  // in the order of their parameters
};

}  // namespace daymill::postgres
