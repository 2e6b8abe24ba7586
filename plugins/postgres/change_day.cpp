#include "change_day.hpp"

#include <algorithm>
#include <cstdlib>

#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

constexpr std::int64_t kMostRows = 100'000;
constexpr std::int64_t kShare = 20;  // one in so many

bool is_key(const Binding& binding, const std::string& name) {
  return std::find(binding.key.begin(), binding.key.end(), name) != binding.key.end();
}

// Rows can be told apart by the key, and values that differ are not equal.
bool is_comparable(const Binding& binding) {
  return !binding.key.empty() && binding.key_is_unique &&
         std::all_of(
             binding.key.begin(), binding.key.end(),
             [&](const std::string& name) { return binding.table.column(name)->not_null; }) &&
         std::all_of(binding.columns.begin(), binding.columns.end(), [&](const BoundColumn& c) {
           return binding.table.column(c.name)->deterministic;
         });
}

constexpr const char* kKind = "daymill change";  // 'gone', 'changed' or 'fresh'

std::string changes_table(const Commit& commit) {
  return quoted("daymill_stage", commit.stage.name + "_changes");
}

std::string day_literal(const Commit& commit) {
  return "DATE " + literal(date_text(commit.attempt.partition.day));
}

// `a` and `b` are aliases.
std::string same_key(const Binding& binding, const std::string& a, const std::string& b) {
  std::string sql;
  for (const std::string& name : binding.key) {
    sql += (sql.empty() ? "" : " AND ") + a + "." + quoted(name) + " = " + b + "." + quoted(name);
  }
  return sql;
}

// The staged values, and the key of rows that are not staged.
std::string changed_columns(const Binding& binding) {
  std::string sql;
  for (const BoundColumn& column : binding.columns) {
    const std::string name = quoted(column.name);
    sql += is_key(binding, column.name) ? "coalesce(s." + name + ", t." + name + ") AS " + name
                                        : "s." + name;
    sql += ", ";
  }
  const std::string date = quoted(binding.partition_column);
  return sql + "CASE WHEN s." + date + " IS NULL THEN 'gone' WHEN t." + date +
         " IS NULL THEN 'fresh' ELSE 'changed' END AS " + quoted(kKind);
}

std::string assignments(const Binding& binding) {
  std::string sql;
  for (const BoundColumn& column : binding.columns) {
    if (!is_key(binding, column.name)) {
      sql += (sql.empty() ? "" : ", ") + quoted(column.name) + " = c." + quoted(column.name);
    }
  }
  return sql;
}

Status apply_changes(Connection& connection, const Commit& commit) {
  const Binding& binding = commit.binding;
  const std::string target = binding.table.sql();
  const std::string changes = changes_table(commit);
  const std::string these = " AND t." + quoted(binding.partition_column) + " = " +
                            day_literal(commit) + " AND " + same_key(binding, "c", "t");
  const std::string kind = "c." + quoted(kKind);
  DAYMILL_TRY(connection.exec("ANALYZE " + changes));
  DAYMILL_TRY(connection.exec("DELETE FROM " + target + " AS t USING " + changes + " AS c WHERE " +
                              kind + " = 'gone'" + these));
  const std::string set = assignments(binding);
  if (!set.empty()) {
    DAYMILL_TRY(connection.exec("UPDATE " + target + " AS t SET " + set + " FROM " + changes +
                                " AS c WHERE " + kind + " = 'changed'" + these));
  }
  return connection
      .exec("INSERT INTO " + target + " (" + binding.column_list() + ") SELECT " +
            binding.column_list("c.") + " FROM " + changes + " AS c WHERE " + kind + " = 'fresh'")
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
  const std::string columns = binding.column_list();
  DAYMILL_ASSIGN(
      const Rows found,
      connection.exec("CREATE UNLOGGED TABLE " + changes_table(commit) + " AS SELECT " +
                      changed_columns(binding) + " FROM (SELECT " + columns + " FROM " +
                      commit.stage.sql() + ") AS s FULL JOIN (SELECT " + columns + " FROM " +
                      binding.table.sql() + " WHERE " + quoted(binding.partition_column) + " = " +
                      day_literal(commit) + ") AS t ON " + same_key(binding, "s", "t") +
                      " WHERE ROW(" + binding.column_list("s.") + ") IS DISTINCT FROM ROW(" +
                      binding.column_list("t.") + ") LIMIT " + std::to_string(most + 1)));
  if (found.affected() <= most) {
    return std::optional<std::int64_t>(found.affected());
  }
  DAYMILL_TRY(connection.exec("DROP TABLE " + changes_table(commit)));
  return std::optional<std::int64_t>();
}

Status change_day(Connection& connection, const Commit& commit, std::int64_t changes) {
  if (changes > 0) {
    DAYMILL_TRY(apply_changes(connection, commit));
  }
  DAYMILL_ASSIGN(const Totals totals,
                 read_totals(connection, commit.binding, commit.binding.table.sql(),
                             date_text(commit.attempt.partition.day)));
  const std::string difference = totals.difference_to(commit.load, commit.binding);
  if (!difference.empty()) {
    return Status(Code::internal, "the changed day is not the load's: " + difference)
        .at(connection.place());
  }
  return connection.exec("DROP TABLE " + changes_table(commit) + ", " + commit.stage.sql())
      .status();
}

}  // namespace daymill::postgres
