#include "collected_rows.hpp"

#include <algorithm>
#include <utility>

#include <daymill/kept_rows.hpp>

#include "sql_value.hpp"

namespace daymill::sql {

Result<std::unique_ptr<CollectedRows>> CollectedRows::open(const Schema& schema, Host host) {
  std::unique_ptr<CollectedRows> rows(new CollectedRows(schema));
  DAYMILL_ASSIGN(const std::string columns, column_list(schema));
  DAYMILL_ASSIGN(rows->database_, Database::open(Database::Storage::temporary_file, host));
  DAYMILL_TRY(rows->batch_.attach(rows->database_->get(), "daymill_batch"));
  // One transaction that never ends: the database does not outlive the connection.
  DAYMILL_TRY(rows->database_->execute("BEGIN; CREATE TABLE daymill_unsorted(" + columns +
                                       "); CREATE TABLE rows(" + columns + ")"));
  DAYMILL_ASSIGN(rows->insert_, rows->database_->prepare(
                                    "INSERT INTO daymill_unsorted SELECT * FROM daymill_batch"));
  return rows;
}

Status CollectedRows::add(const RecordBatch& batch) {
  batch_.show(batch);
  const Status inserted = detail::status_of(database_->step(insert_));
  sqlite3_reset(insert_.get());
  return inserted;
}

Status CollectedRows::sort() {
  std::string order;
  for (std::size_t i = 1; i <= num_columns_; ++i) {
    order += (i == 1 ? "" : ", ") + std::to_string(i);
  }
  insert_.reset();
  return database_->execute("INSERT INTO rows SELECT * FROM daymill_unsorted ORDER BY " + order +
                            "; DROP TABLE daymill_unsorted");
}

Status emit_rows(const Database& database, const Statement& statement, const Schema& schema,
                 const std::vector<int>& positions, const std::string& component, Emitter& out) {
  BatchBuilder builder(schema);
  for (;;) {
    const Result<bool> more = database.step(statement);
    if (!more.ok()) {
      return Status(more.status().code(), component + ": " + more.status().message())
          .next(more.status().next());
    }
    if (!*more) {
      break;
    }
    for (std::size_t i = 0; i < schema.size(); ++i) {
      const Field& field = schema.fields[i];
      auto mismatch = append_value(statement.get(), positions[i], builder.column(i));
      if (!mismatch && !field.nullable &&
          sqlite3_column_type(statement.get(), positions[i]) == SQLITE_NULL) {
        mismatch = Mismatch{"key.missing", "a value, as it is a key"};
      }
      if (mismatch) {
        return Status(Code::invalid_data, component + ": column \"" + printable(field.name) +
                                              "\": found " +
                                              found_value(statement.get(), positions[i]) +
                                              ", expected " + mismatch->expected);
      }
    }
    builder.end_row();
    if (builder.is_full()) {
      DAYMILL_TRY(out.emit(builder.finish()));
    }
  }
  return builder.num_rows() == 0 ? Status() : out.emit(builder.finish());
}

Status check_by(const std::vector<std::string>& by, const std::string& component) {
  return by.empty() || std::find(by.begin(), by.end(), "") != by.end()
             ? Status(Code::invalid_config,
                      component + ": `by` is empty or has an empty name, expected columns")
             : Status();
}

Status add_with_keys(CollectedRows& rows, const Schema& schema, RecordBatch batch,
                     const std::vector<std::size_t>& columns, Emitter& out) {
  KeptRows kept(batch.num_rows());
  for (const std::size_t i : columns) {
    const Column& column = batch.column(i);
    for (std::int64_t row = 0; column.null_count() != 0 && row < batch.num_rows(); ++row) {
      if (column.is_null(row) && kept.keeps(row)) {
        kept.drop(row);
        const std::string message =
            "column \"" + printable(schema.fields[i].name) + "\" is in `by` and has no value";
        DAYMILL_TRY(out.reject({row, "key.missing", message}));
      }
    }
  }
  return kept.num_kept() == 0 ? Status() : rows.add(kept.take(schema, std::move(batch)));
}

}  // namespace daymill::sql
