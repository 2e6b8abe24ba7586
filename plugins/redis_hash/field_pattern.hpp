// "{ad_id:int64}:{search_word:text}": which columns a hash field holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daymill/schema.hpp"
#include "daymill/status.hpp"

namespace daymill::redis_hash {

/// Columns with literal separators between them. A field is split at the first occurrence of each
/// separator, from left to right; the last column takes the rest.
struct FieldPattern {
  struct Column {
    std::string name;
    Type type = Type::text;  ///< int64 or text
    std::string separator;   ///< between this column and the next; empty for the last
  };
  std::vector<Column> columns;

  /// INVALID_CONFIG with what was found and expected.
  static Result<FieldPattern> parse(std::string_view text);
};

}  // namespace daymill::redis_hash
