// Rows on which transforms and sinks are tried: made up by column type, or the user's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daymill/plugin.hpp"

namespace daymill {

/// Rows with different keys. Copies share the rows.
class ProbeRows {
 public:
  ProbeRows() = default;
  /// `count` made-up rows: no two have equal keys, every fifth value that may be null is.
  static ProbeRows made_up(Schema schema, std::int64_t count);
  /// `rows`: a JSON array of objects, column to value; dates and timestamps as texts. A column that
  /// is absent is null. INVALID_CONFIG names row and column.
  static Result<ProbeRows> from_json(Schema schema, const nlohmann::ordered_json& rows);

  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] std::int64_t size() const { return rows_ == nullptr ? 0 : rows_->num_rows(); }
  /// Rows `first`, `first` + 1, ... as a batch of its own; fewer where they end.
  [[nodiscard]] RecordBatch batch(std::int64_t first, std::int64_t count) const;
  /// The first `count` rows with null in every column that may be null.
  [[nodiscard]] RecordBatch nulls(std::int64_t count) const;
  /// Sums of the measures, in the order of the schema.
  [[nodiscard]] std::vector<Sum> sums() const;

 private:
  Schema schema_;
  std::shared_ptr<const RecordBatch> rows_;
};

/// Columns as a source of ads has them: ad_id, search_word, clicks, impressions.
Schema plain_schema();
/// The same and an attribute of every type, named after it.
Schema every_type_schema();
/// {"ad_id": "int64 key", "clicks": "int64 measure", "note": "text"}; attributes and measures may
/// be null. INVALID_CONFIG names the column.
Result<Schema> schema_from_json(const nlohmann::ordered_json& columns);

/// Appends the first `count` rows of `batch` from `first` on to a builder of the same schema.
void append_rows(const RecordBatch& batch, std::int64_t first, std::int64_t count,
                 BatchBuilder& out);

}  // namespace daymill
