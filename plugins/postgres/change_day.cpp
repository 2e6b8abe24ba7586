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
         std::all_of(binding.columns.begin(), binding.columns.end(), [&](const BoundColumn& c) {
           return binding.table.column(c.name)->deterministic;
         });
}

// s is the stage, t the target.
std::string same_key(const Binding& binding) {
  std::string sql;
  for (const std::string& name : binding.key) {
    sql += (sql.empty() ? "s." : " AND s.") + quoted(name) + " = t." + quoted(name);
  }
  return sql;
}

std::string values_differ(const Binding& binding) {
  return "ROW(" + binding.column_list("s.") + ") IS DISTINCT FROM ROW(" +
         binding.column_list("t.") + ")";
}

std::string assignments(const Binding& binding) {
  std::string sql;
  for (const BoundColumn& column : binding.columns) {
    if (column.source != BoundColumn::kPartitionDate && !is_key(binding, column.name)) {
      sql += (sql.empty() ? "" : ", ") + quoted(column.name) + " = s." + quoted(column.name);
    }
  }
  return sql;
}

}  // namespace

Result<bool> changes_few_rows(Connection& connection, const Commit& commit,
                              const CommittedLoad& previous) {
  const Binding& binding = commit.binding;
  const std::int64_t rows = commit.load.rows_out;
  const std::int64_t most = std::min(kMostRows, std::max(rows, previous.load.rows_out) / kShare);
  if (!is_comparable(binding) || std::abs(rows - previous.load.rows_out) > most) {
    return false;
  }
  const std::string columns = binding.column_list();
  DAYMILL_ASSIGN(
      const Rows differing,
      connection.exec("SELECT count(*) FROM (SELECT " + columns + " FROM " + commit.stage.sql() +
                          ") AS s FULL JOIN (SELECT " + columns + " FROM " + binding.table.sql() +
                          " WHERE " + quoted(binding.partition_column) + " = $1::date) AS t ON " +
                          same_key(binding) + " WHERE " + values_differ(binding),
                      {date_text(commit.attempt.partition.day)}));
  return differing.integer(0, 0) <= most;
}

Status change_day(Connection& connection, const Commit& commit) {
  const Binding& binding = commit.binding;
  const std::string target = binding.table.sql();
  const std::string stage = commit.stage.sql();
  const std::string of_day = "t." + quoted(binding.partition_column) + " = $1::date";
  const Params day = {date_text(commit.attempt.partition.day)};
  DAYMILL_TRY(connection.exec("DELETE FROM " + target + " AS t WHERE " + of_day +
                                  " AND NOT EXISTS (SELECT FROM " + stage + " AS s WHERE " +
                                  same_key(binding) + ")",
                              day));
  const std::string set = assignments(binding);
  if (!set.empty()) {
    DAYMILL_TRY(connection.exec("UPDATE " + target + " AS t SET " + set + " FROM " + stage +
                                    " AS s WHERE " + of_day + " AND " + same_key(binding) +
                                    " AND " + values_differ(binding),
                                day));
  }
  DAYMILL_TRY(connection.exec("INSERT INTO " + target + " (" + binding.column_list() + ") SELECT " +
                                  binding.column_list("s.") + " FROM " + stage +
                                  " AS s WHERE NOT EXISTS (SELECT FROM " + target + " AS t WHERE " +
                                  of_day + " AND " + same_key(binding) + ")",
                              day));
  DAYMILL_ASSIGN(const Totals totals, read_totals(connection, binding, target, day.front().text));
  const std::string difference = totals.difference_to(commit.load, binding);
  if (!difference.empty()) {
    return Status(Code::internal, "the changed day is not the load's: " + difference)
        .at(connection.place());
  }
  return connection.exec("DROP TABLE " + stage).status();
}

}  // namespace daymill::postgres
