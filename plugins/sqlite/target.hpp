// The table that a sink fills: its columns, its SQL, and what it holds of a day.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "connection.hpp"

namespace daymill::sqlite {

/// What a day holds, counted in SQL.
struct DayContent {
  std::int64_t rows = 0;
  std::vector<Sum> sums;  ///< measures in schema order
};

/// Names and SQL of one table; holds no connection.
struct Target {
  std::string table;
  std::string partition_column;
  std::vector<std::string> key;
  Schema rows;  ///< without the partition column

  /// INVALID_CONFIG or SCHEMA_MISMATCH when settings and rows do not fit together.
  Status check_settings() const;
  /// Does a table (or view) of this name exist?
  Result<bool> exists(Connection& connection) const;
  /// STRICT, WITHOUT ROWID, with the key as primary key.
  Status create(Connection& connection) const;
  /// SCHEMA_MISMATCH names the column, found and expected.
  Status check_table(Connection& connection) const;
  Result<DayContent> content(Connection& connection, const std::string& day) const;
  /// The same of the stages together; see insert_day.
  Result<DayContent> staged_content(Connection& connection,
                                    const std::vector<std::string>& stages) const;
  /// Can the day have no two rows with equal keys? A unique index of SQLite lets NULLs through.
  Result<bool> key_is_unique(Connection& connection, const std::string& day) const;
  Status remove_day(Connection& connection, const std::string& day) const;
  /// Copies the rows of the stages (tables with columns c0, c1, ... as `rows`) into the day, in key
  /// order, which SQLite's b-trees like best.
  Status insert_day(Connection& connection, const std::string& day,
                    const std::vector<std::string>& stages) const;

 private:
  /// Counts and sums of a table expression whose measures have these names.
  Result<DayContent> sum_up(Connection& connection, const std::vector<std::string>& measures,
                            const std::string& from, const std::string& day) const;
  Result<bool> has_unique_index(Connection& connection) const;
};

/// SQLite's type for a column: INTEGER, REAL, TEXT or BLOB.
const char* sqlite_type(Type type);

}  // namespace daymill::sqlite
