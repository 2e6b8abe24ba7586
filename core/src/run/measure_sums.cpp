#include "run/measure_sums.hpp"

namespace daymill {

MeasureSums::MeasureSums(const Schema& schema) : columns_(schema.with_role(Role::measure)) {
  for (const std::size_t i : columns_) {
    sums_.push_back(Sum{schema.fields[i].name, 0});
  }
}

Status MeasureSums::add(const RecordBatch& batch) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = batch.column(columns_[i]);
    if (column.null_count() == column.length()) {
      continue;
    }
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      if (!column.is_null(row) &&
          __builtin_add_overflow(sums_[i].value, column.int64s()[row], &sums_[i].value)) {
        return left_int64(i);
      }
    }
  }
  return {};
}

Status MeasureSums::add_row(const RecordBatch& batch, std::int64_t row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = batch.column(columns_[i]);
    if (!column.is_null(row) &&
        __builtin_add_overflow(sums_[i].value, column.int64s()[row], &sums_[i].value)) {
      return left_int64(i);
    }
  }
  return {};
}

std::int64_t MeasureSums::of(const std::string& measure) const {
  for (const Sum& sum : sums_) {
    if (sum.measure == measure) {
      return sum.value;
    }
  }
  return 0;
}

Status MeasureSums::left_int64(std::size_t i) const {
  return Status(Code::invalid_data, "the sum of measure " + sums_[i].measure + " leaves int64");
}

Status check_conservation(const MeasureSums& in, const MeasureSums& out,
                          const MeasureSums* rejected, const std::string& step) {
  for (const Sum& found : out.sums()) {
    for (const Sum& expected : in.sums()) {
      const std::int64_t lost = rejected == nullptr ? 0 : rejected->of(found.measure);
      std::int64_t kept = 0;
      if (expected.measure != found.measure ||
          (!__builtin_sub_overflow(expected.value, lost, &kept) && kept == found.value)) {
        continue;
      }
      return Status(Code::internal, "measure " + found.measure + " is not conserved: read " +
                                        std::to_string(expected.value) + ", to be loaded " +
                                        std::to_string(found.value) +
                                        (lost == 0 ? "" : ", rejected " + std::to_string(lost)) +
                                        "; nothing was loaded")
          .at(step);
    }
  }
  return {};
}

}  // namespace daymill
