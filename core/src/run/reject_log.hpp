// The rejects of one load: kept for the sink, counted by reason, held to the pipeline's budget.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "pipeline/definition.hpp"

namespace daymill {

class RejectLog {
 public:
  /// `source`: the schema whose measures rejected rows would have added to.
  RejectLog(const RejectBudget& budget, const Schema& source);

  /// INVALID_DATA as soon as there are more rows than the budget allows at all.
  Status add(RejectRow row, std::int32_t measure, std::int64_t amount);
  /// What a row added before would have brought to `measure`; of no account when the source has no
  /// such measure.
  Status add_amount(const std::string& measure, std::int64_t amount);
  /// After the last row: is the share of `rows_read` within the budget?
  [[nodiscard]] Status check_share(std::int64_t rows_read) const;

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] const std::vector<RejectRow>& rows() const { return rows_; }
  [[nodiscard]] const std::map<std::string, std::int64_t>& reasons() const { return reasons_; }
  /// What the rejected rows would have brought, as far as it could be read; in the order of the
  /// measures.
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }
  [[nodiscard]] bool over_budget() const { return over_budget_; }

 private:
  [[nodiscard]] Status over(const std::string& what) const;
  static Status add_to(Sum& sum, std::int64_t amount);

  RejectBudget budget_;
  std::int64_t count_ = 0;
  mutable bool over_budget_ = false;
  std::vector<RejectRow> rows_;
  std::map<std::string, std::int64_t> reasons_;
  std::vector<Sum> sums_;
};

/// One value as text; binary and text as they are, null as nothing.
std::string value_text(Type type, const Column& column, std::int64_t row);

/// A row for the reject table: its columns' values as text or bytes, joined by one TAB.
std::string raw_row(const Schema& schema, const RecordBatch& batch, std::int64_t row);

}  // namespace daymill
