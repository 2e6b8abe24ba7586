// What PostgreSQL's catalogue says about the target table and about the relations that hold a day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connection.hpp"
#include "settings.hpp"

namespace daymill::postgres {

struct TargetColumn {
  std::string name;
  std::string type;         ///< of a domain: its base type; pg_catalog's short name: "int8"
  std::string type_text;    ///< as SQL writes it: "numeric(10,4)"
  int numeric_digits = -1;  ///< digits before the point that a numeric holds; -1: any number
  bool not_null = false;
  bool has_default = false;
  bool generated = false;
  bool identity = false;
  bool deterministic = true;  ///< of its collation
};

struct TargetTable {
  std::int64_t oid = 0;
  std::string schema;
  std::string name;
  std::vector<TargetColumn> columns;
  std::vector<std::vector<std::string>> unique_keys;  ///< columns of its unique indexes
  bool partitioned_by_day = false;  ///< by RANGE (partition_column) alone: day partitions can be
  std::string why_not_attached;     ///< empty: a day can be attached as a partition

  [[nodiscard]] std::string sql() const { return quote_name(schema, name); }
  [[nodiscard]] std::string target() const { return target_name(schema, name); }
  [[nodiscard]] const TargetColumn* column(std::string_view column_name) const;
};

/// NOT_FOUND when there is no such table (or view, or whatever has that name).
[[nodiscard]] Result<TargetTable> find_target(Connection& connection, const Settings& settings);

/// The schema and name of the table, also when it does not exist yet.
[[nodiscard]] Result<TableName> resolve_target(Connection& connection, const TableName& wanted);

/// A partition of the target and what of a day it covers.
struct DayRelation {
  std::int64_t oid = 0;
  std::string sql;     ///< quoted schema and name
  bool exact = false;  ///< a plain table whose bounds are the day's
};

/// Where the rows of one day are, or would go.
struct DayLayout {
  std::optional<DayRelation> covering;   ///< the partition whose bounds hold the day
  std::optional<std::string> otherwise;  ///< quoted name of the DEFAULT partition
};

/// `day` is "2026-11-22". For a table that is not partitioned by day the layout is empty.
[[nodiscard]] Result<DayLayout> find_day(Connection& connection, const TargetTable& table,
                                         const std::string& day);

}  // namespace daymill::postgres
