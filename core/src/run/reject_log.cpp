#include "run/reject_log.hpp"

#include <cstdio>

#include "daymill/value.hpp"

namespace daymill {

namespace {
constexpr std::size_t kSamplesShown = 3;
}

RejectLog::RejectLog(const RejectBudget& budget, const Schema& source) : budget_(budget) {
  for (const std::size_t measure : source.with_role(Role::measure)) {
    sums_.push_back(Sum{source.fields[measure].name, 0});
  }
}

Status RejectLog::over(const std::string& what) const {
  over_budget_ = true;
  std::string message = what + "; nothing was loaded, nothing removed. First rejects:";
  for (std::size_t i = 0; i < rows_.size() && i < kSamplesShown; ++i) {
    message += " \"" + printable(rows_[i].raw, 80) + "\" (" + rows_[i].reason + ")";
  }
  return Status(Code::invalid_data, std::move(message))
      .next(
          "correct the source or the decoding, or raise \"rejects\" in the pipeline, then run the "
          "date again");
}

Status RejectLog::add_to(Sum& sum, std::int64_t amount) {
  if (__builtin_add_overflow(sum.value, amount, &sum.value)) {
    return Status(Code::invalid_data, "the sum of the rejected " + sum.measure + " leaves int64");
  }
  return {};
}

Status RejectLog::add_amount(const std::string& measure, std::int64_t amount) {
  for (Sum& sum : sums_) {
    if (sum.measure == measure) {
      return add_to(sum, amount);
    }
  }
  return {};
}

Status RejectLog::add(RejectRow row, std::int32_t measure, std::int64_t amount) {
  ++count_;
  ++reasons_[row.reason];
  if (measure >= 0 && static_cast<std::size_t>(measure) < sums_.size()) {
    DAYMILL_TRY(add_to(sums_[static_cast<std::size_t>(measure)], amount));
  }
  rows_.push_back(std::move(row));
  if (count_ > budget_.max_rows) {
    return over("more than " + std::to_string(budget_.max_rows) +
                " rows are rejected (rejects.max_rows)");
  }
  return {};
}

Status RejectLog::check_share(std::int64_t rows_read) const {
  if (count_ == 0 ||
      static_cast<double>(count_) <= budget_.max_share * static_cast<double>(rows_read)) {
    return {};
  }
  char share[64];
  std::snprintf(share, sizeof share, "%.3g%% of the rows, allowed are %.3g%%",
                100.0 * static_cast<double>(count_) / static_cast<double>(rows_read),
                100.0 * budget_.max_share);
  return over(std::to_string(count_) + " of " + std::to_string(rows_read) +
              " rows are rejected: " + share + " (rejects.max_share)");
}

std::string value_text(Type type, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    return {};
  }
  switch (type) {
    case Type::boolean:
      return column.boolean(row) ? "true" : "false";
    case Type::int64:
    case Type::timestamp:
      return std::to_string(column.int64s()[row]);
    case Type::float64:
      return float64_text(column.float64s()[row]);
    case Type::date:
      return date_text(column.dates()[row]);
    case Type::text:
    case Type::binary:
      return std::string(column.bytes_at(row));
  }
  return {};
}

std::string raw_row(const Schema& schema, const RecordBatch& batch, std::int64_t row) {
  std::string raw;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    raw += i == 0 ? "" : "\t";
    raw += value_text(schema.fields[i].type, batch.column(i), row);
  }
  return raw;
}

}  // namespace daymill
