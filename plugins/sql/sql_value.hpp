// Values between SQLite and columns; the type-mapping table of the README.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <daymill/plugin.hpp>

namespace daymill::sql {

/// "2026-11-22T15:04:05", or with the decimals that are not 0: texts whose order is that of the
/// times, and which SQLite's date functions read. UTC.
std::string sql_timestamp(std::int64_t microseconds);
/// That, or SQLite's own "2026-11-22 15:04:05", either with a Z at the end or without.
std::optional<std::int64_t> parse_sql_timestamp(std::string_view text);

/// Why a value does not fit a column.
struct Mismatch {
  const char* reason;    ///< "value.not_integer"
  const char* expected;  ///< for people
};

/// Appends column `index` of the statement's row to `builder`. A value that does not fit appends
/// nothing.
std::optional<Mismatch> append_value(sqlite3_stmt* row, int index, ColumnBuilder& builder);

/// The value as it stands in messages: `the real 0.5`, `the text "x"`, `NULL`.
std::string found_value(sqlite3_stmt* row, int index);

/// The type of a column that a setting declares; no binary. INVALID_CONFIG names it.
Result<Type> declared_type_of(std::string_view name, const std::string& column);

}  // namespace daymill::sql
