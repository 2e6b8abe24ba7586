// Names of tables: how they are written in pipeline files, quoted in SQL, and made for new
// relations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daymill/status.hpp"

namespace daymill::postgres {

/// PostgreSQL cuts longer names silently, so none is ever sent.
inline constexpr std::size_t kMaxNameBytes = 63;

/// The name as an SQL identifier, always in double quotes.
[[nodiscard]] std::string quote_name(std::string_view name);
/// "schema"."name"
[[nodiscard]] std::string quote_name(std::string_view schema, std::string_view name);
/// An SQL string literal. Only for texts that SQL does not take as a parameter (DDL).
[[nodiscard]] std::string literal(std::string_view text);

struct TableName {
  std::string schema;  ///< empty: the first schema of the search_path that has the table
  std::string name;
};

/// "table", "schema.table", either part in double quotes when it holds a dot or a quote. Names are
/// taken as written: nothing is folded to lower case.
[[nodiscard]] Result<TableName> parse_table_name(std::string_view text);

/// What evidence rows call a table: schema.table, parts that need it in double quotes.
[[nodiscard]] std::string target_name(std::string_view schema, std::string_view table);

/// Begins the names of all stages of one partition of one target; the epoch follows.
[[nodiscard]] std::string stage_prefix(std::string_view target, std::string_view partition);

/// `<table>_<suffix>`, the table's part cut and marked with a hash when the whole would be too
/// long.
[[nodiscard]] std::string name_with_suffix(std::string_view table, std::string_view suffix);

}  // namespace daymill::postgres
