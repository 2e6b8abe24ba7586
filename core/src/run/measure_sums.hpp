// Sums of measures on their way from the snapshots to the sink, and the law that they stay what
// they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"

namespace daymill {

/// Sums of the measures of one schema; null counts as 0.
class MeasureSums {
 public:
  explicit MeasureSums(const Schema& schema);

  /// INVALID_DATA when a sum leaves int64.
  Status add(const RecordBatch& batch);
  Status add_row(const RecordBatch& batch, std::int64_t row);
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }
  /// 0 for what is no measure of the schema.
  [[nodiscard]] std::int64_t of(const std::string& measure) const;

 private:
  [[nodiscard]] Status left_int64(std::size_t i) const;

  std::vector<std::size_t> columns_;
  std::vector<Sum> sums_;
};

/// Every measure of `in` that is one of `out` too has the same sum there, `rejected` (may be null)
/// taken off. INTERNAL at `step` with the sums where it has not.
Status check_conservation(const MeasureSums& in, const MeasureSums& out,
                          const MeasureSums* rejected, const std::string& step);

}  // namespace daymill
