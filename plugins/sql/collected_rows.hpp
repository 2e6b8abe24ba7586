// The rows of a whole partition in a temporary SQLite database, which spills to disk: memory stays
// bounded whatever their number.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "batch_table.hpp"
#include "database.hpp"

namespace daymill::sql {

/// Used by one thread at a time: add(), then sort(), then statements that read the table `rows`.
class CollectedRows {
 public:
  /// SCHEMA_MISMATCH when SQLite cannot hold the columns' names. `rows` is there already, empty, so
  /// that statements can be compiled.
  static Result<std::unique_ptr<CollectedRows>> open(const Schema& schema, Host host);

  Status add(const RecordBatch& batch);
  /// After the last batch: `rows` holds all of them, ordered by all columns from the first to the
  /// last, so that nothing depends on the order in which they came.
  Status sort();
  [[nodiscard]] Database& database() { return *database_; }

 private:
  explicit CollectedRows(const Schema& schema) : num_columns_(schema.size()), batch_(schema) {}

  std::size_t num_columns_;
  BatchTable batch_;  // outlives the connection
  std::unique_ptr<Database> database_;
  Statement insert_;
};

/// Emits the rows that `statement` gives, in batches of `schema`, whose columns are the statement's
/// in `positions`. INVALID_DATA, beginning with `component`, at a value that does not fit, and at a
/// NULL in a column that may not be null.
Status emit_rows(const Database& database, const Statement& statement, const Schema& schema,
                 const std::vector<int>& positions, const std::string& component, Emitter& out);

/// INVALID_CONFIG unless the setting `by` names columns.
Status check_by(const std::vector<std::string>& by, const std::string& component);

/// Rejects rows that have a null in one of `columns` (reason `key.missing`) and adds the others.
Status add_with_keys(CollectedRows& rows, const Schema& schema, RecordBatch batch,
                     const std::vector<std::size_t>& columns, Emitter& out);

}  // namespace daymill::sql
