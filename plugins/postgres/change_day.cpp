#include "change_day.hpp"

#include <algorithm>
#include <cstdlib>

#include "comparison.hpp"
#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

constexpr std::int64_t kMostRows = 100'000;
constexpr std::int64_t kShare = 20;  // one in so many

constexpr const char* kKind = "daymill change";  // column of the table below: pair_kind()

std::string changes_table(const Commit& commit) {
  return quote_name("daymill_stage", commit.stage.name + "_changes");
}

// The staged values, and the key of rows that are not staged.
std::string changed_columns(const Binding& binding) {
  std::string sql;
  for (const BoundColumn& column : binding.columns) {
    const std::string name = quote_name(column.name);
    sql += is_key(binding, column.name) ? "coalesce(s." + name + ", t." + name + ") AS " + name
                                        : "s." + name;
    sql += ", ";
  }
  return sql + pair_kind(binding) + " AS " + quote_name(kKind);
}

std::string assignments(const Binding& binding) {
  std::string sql;
  for (const BoundColumn& column : binding.columns) {
    if (!is_key(binding, column.name)) {
      sql +=
          (sql.empty() ? "" : ", ") + quote_name(column.name) + " = c." + quote_name(column.name);
    }
  }
  return sql;
}

Status apply_changes(Connection& connection, const Commit& commit) {
  const Binding& binding = commit.binding;
  const std::string target = binding.table.sql();
  const std::string changes = changes_table(commit);
  const std::string these = " AND t." + quote_name(binding.partition_column) + " = " +
                            day_literal(commit.attempt.partition) + " AND " +
                            same_key(binding, "c", "t");
  const std::string kind = "c." + quote_name(kKind);
  DAYMILL_FAILPOINT("pg.changes_analyze");
  DAYMILL_TRY(connection.exec("ANALYZE " + changes));
  DAYMILL_FAILPOINT("pg.change_delete");
  DAYMILL_TRY(connection.exec("DELETE FROM " + target + " AS t USING " + changes + " AS c WHERE " +
                              kind + " = 'removed'" + these));
  const std::string set = assignments(binding);
  if (!set.empty()) {
    DAYMILL_FAILPOINT("pg.change_update");
    DAYMILL_TRY(connection.exec("UPDATE " + target + " AS t SET " + set + " FROM " + changes +
                                " AS c WHERE " + kind + " = 'changed'" + these));
  }
  DAYMILL_FAILPOINT("pg.change_insert");
  return connection
      .exec("INSERT INTO " + target + " (" + binding.column_list() + ") SELECT " +
            binding.column_list("c.") + " FROM " + changes + " AS c WHERE " + kind + " = 'added'")
      .status();
}

}  // namespace

Result<std::optional<std::int64_t>> find_changes(Connection& connection, const Commit& commit,
                                                 const CommittedLoad& previous) {
  const Binding& binding = commit.binding;
  const std::int64_t rows = commit.load.rows_out;
  const std::int64_t most = std::min(kMostRows, std::max(rows, previous.load.rows_out) / kShare);
  if (!is_comparable(binding) || std::abs(rows - previous.load.rows_out) > most) {
    return std::optional<std::int64_t>();
  }
  DAYMILL_ASSIGN(const Rows right, connection.exec("SELECT has_table_privilege($1::oid, 'UPDATE')",
                                                   {binding.table.oid}));
  if (!right.boolean(0, 0)) {
    return std::optional<std::int64_t>();
  }
  // Two whole days are compared: hashing them is several times faster than merging two indexes, for
  // which the LIMIT makes the planner hope.
  DAYMILL_TRY(connection.exec("SELECT set_config('enable_mergejoin', 'off', true)"));
  DAYMILL_FAILPOINT("pg.changes_find");
  DAYMILL_ASSIGN(const Rows found,
                 connection.exec("CREATE UNLOGGED TABLE " + changes_table(commit) + " AS SELECT " +
                                 changed_columns(binding) + " " +
                                 differing_pairs(binding, commit.stage, commit.attempt.partition) +
                                 " LIMIT " + std::to_string(most + 1)));
  if (found.affected() <= most) {
    return std::optional<std::int64_t>(found.affected());
  }
  DAYMILL_FAILPOINT("pg.changes_drop");
  DAYMILL_TRY(connection.exec("DROP TABLE " + changes_table(commit)));
  return std::optional<std::int64_t>();
}

Status change_day(Connection& connection, const Commit& commit, std::int64_t changes) {
  if (changes > 0) {
    DAYMILL_TRY(apply_changes(connection, commit));
  }
  DAYMILL_FAILPOINT("pg.changed_totals");
  DAYMILL_ASSIGN(const Totals totals,
                 read_totals(connection, commit.binding, commit.binding.table.sql(),
                             date_text(commit.attempt.partition.day)));
  const std::string difference = totals.difference_to(commit.load, commit.binding);
  if (!difference.empty()) {
    return Status(Code::internal, "the changed day is not the load's: " + difference)
        .at(connection.place());
  }
  DAYMILL_FAILPOINT("pg.changed_drop");
  return connection.exec("DROP TABLE " + changes_table(commit) + ", " + commit.stage.sql())
      .status();
}

}  // namespace daymill::postgres
