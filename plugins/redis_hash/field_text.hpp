// Columns of a row to the hash field that holds them: what FieldPattern splits, the other way
// round.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daymill/batch.hpp"
#include "field_pattern.hpp"

namespace daymill::redis_hash {

class FieldText {
 public:
  /// SCHEMA_MISMATCH unless every column of the pattern is a key of the rows, of its type, and
  /// every key of the rows is in the pattern, so that no two rows have one field.
  static Result<FieldText> bind(const FieldPattern& pattern, const Schema& rows);

  /// The field of the row in `field`, which is overwritten. INVALID_DATA when it could not be split
  /// into the same columns again.
  Status render(const RecordBatch& batch, std::int64_t row, std::string& field) const;

 private:
  FieldPattern pattern_;
  std::vector<std::size_t> columns_;  // of the rows, in the order of the pattern
};

}  // namespace daymill::redis_hash
