// The batch at hand as a table of SQLite that reads the columns where they are: nothing is copied.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sql {

/// A column of SQLite's for each field, in their order: `"ad_id" INTEGER, "search_word" TEXT`.
/// SCHEMA_MISMATCH when there is none, or two names differ by case only.
Result<std::string> column_list(const Schema& schema);

/// Outlives the connection that it is attached to. Scanned by one statement at a time.
class BatchTable {
 public:
  explicit BatchTable(Schema schema) : schema_(std::move(schema)) {}
  BatchTable(const BatchTable&) = delete;
  BatchTable& operator=(const BatchTable&) = delete;

  /// Makes it readable under `name`.
  Status attach(sqlite3* handle, const char* name);
  /// `batch` is what scans see from now on, from row `first`; it is viewed until the next call, and
  /// no statement may be in the middle of a scan.
  void show(const RecordBatch& batch, std::int64_t first = 0);
  /// Of the scan under way. Before its first row: the row that comes first.
  [[nodiscard]] std::int64_t current_row() const { return row_; }

 private:
  struct Functions;

  Schema schema_;
  std::string declaration_;
  std::vector<const Column*> columns_;
  std::int64_t first_ = 0;
  std::int64_t row_ = 0;
  std::int64_t num_rows_ = 0;
};

}  // namespace daymill::sql
