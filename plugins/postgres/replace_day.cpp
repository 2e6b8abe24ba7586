#include "replace_day.hpp"

#include <algorithm>

#include "adopt_day.hpp"
#include "change_day.hpp"
#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

std::string day_of(const Commit& commit) {
  return date_text(commit.attempt.partition.day);
}

Result<bool> has_rows(Connection& connection, const Commit& commit) {
  DAYMILL_FAILPOINT("pg.foreign_rows");
  DAYMILL_ASSIGN(
      const Rows rows,
      connection.exec("SELECT EXISTS (SELECT FROM " + commit.binding.table.sql() + " WHERE " +
                          quote_name(commit.binding.partition_column) + " = $1::date)",
                      {day_of(commit)}));
  return rows.boolean(0, 0);
}

bool is_ours(const std::optional<DayRelation>& covering,
             const std::optional<CommittedLoad>& previous) {
  return previous && (previous->relation == 0 || (covering && covering->oid == previous->relation));
}

// <table>_<yyyymmdd>, or with the epoch behind it when somebody else's relation has that name.
Result<std::string> partition_name(Connection& connection, const Commit& commit,
                                   const DayPlan& plan) {
  DAYMILL_FAILPOINT("pg.partition_name");
  const TargetTable& table = commit.binding.table;
  std::string digits = day_of(commit);
  digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
  const std::string name = name_with_suffix(table.name, digits);
  DAYMILL_ASSIGN(const Rows taken,
                 connection.exec("SELECT FROM pg_class c JOIN pg_namespace n"
                                 " ON n.oid = c.relnamespace"
                                 " WHERE n.nspname = $1 AND c.relname = $2 AND c.oid <> $3::oid",
                                 {table.schema, name, plan.replaced ? plan.replaced->oid : 0}));
  return taken.empty()
             ? name
             : name_with_suffix(table.name, digits + "_" + std::to_string(commit.attempt.epoch));
}

// The stage's indexes get the names that the partition's own would have, where these are free.
Result<std::string> index_renames(Connection& connection, const Commit& commit, const DayPlan& plan,
                                  const std::string& name) {
  DAYMILL_FAILPOINT("pg.index_names");
  DAYMILL_ASSIGN(
      const Rows rows,
      connection.exec(
          "SELECT format('ALTER INDEX %I.%I RENAME TO %I;', $2::text, old_name, new_name)"
          " FROM (SELECT c.relname AS old_name, $4 || substr(c.relname, length($3) + 1) AS new_name"
          " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
          " WHERE i.indrelid = $1::oid AND starts_with(c.relname::text, $3)) AS names"
          " WHERE octet_length(new_name) <= 63 AND NOT EXISTS ("
          " SELECT FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace"
          " LEFT JOIN pg_index x ON x.indexrelid = o.oid"
          " WHERE n.nspname = $2 AND o.relname = new_name"
          " AND x.indrelid IS DISTINCT FROM $5::oid)",
          {commit.stage.oid, commit.binding.table.schema, commit.stage.name, name,
           plan.replaced ? plan.replaced->oid : 0}));
  std::string sql;
  for (int i = 0; i < rows.size(); ++i) {
    sql += rows.text(i, 0) + "\n";
  }
  return sql;
}

// Locks rows only, so nobody who reads waits for it.
Status delete_day(Connection& connection, const Commit& commit) {
  DAYMILL_FAILPOINT("pg.day_delete");
  return connection
      .exec("DELETE FROM " + commit.binding.table.sql() + " WHERE " +
                quote_name(commit.binding.partition_column) + " = $1::date",
            {day_of(commit)})
      .status();
}

Status attach(Connection& connection, const Commit& commit, const DayPlan& plan) {
  const TargetTable& table = commit.binding.table;
  if (plan.clear_first) {
    DAYMILL_TRY(delete_day(connection, commit));
  }
  DAYMILL_ASSIGN(const std::string name, partition_name(connection, commit, plan));
  DAYMILL_ASSIGN(const std::string renames, index_renames(connection, commit, plan, name));
  const std::string partition = quote_name(table.schema, name);
  const std::string first = literal(day_of(commit));
  const std::string after = literal(date_text(commit.attempt.partition.day + 1));
  // Sent at once: readers wait for one round trip, and a client dies before or behind all of it.
  std::string sql;
  if (plan.replaced) {
    DAYMILL_FAILPOINT("pg.detach");
    sql += "ALTER TABLE " + table.sql() + " DETACH PARTITION " + plan.replaced->sql + ";\n";
    sql += "DROP TABLE " + plan.replaced->sql + ";\n";
  }
  sql += "ALTER TABLE " + commit.stage.sql() + " SET SCHEMA " + quote_name(table.schema) + ";\n";
  sql += "ALTER TABLE " + quote_name(table.schema, commit.stage.name) + " RENAME TO " +
         quote_name(name) + ";\n" + renames;
  sql += "ALTER TABLE " + table.sql() + " ATTACH PARTITION " + partition + " FOR VALUES FROM (" +
         first + ") TO (" + after + ");\n";
  sql += "ALTER TABLE " + partition + " DROP CONSTRAINT " + kBoundsCheck + ";";
  DAYMILL_FAILPOINT("pg.attach");
  DAYMILL_TRY(connection.script(sql));
  DAYMILL_FAILPOINT("pg.attached");
  return {};
}

Status insert(Connection& connection, const Commit& commit) {
  const Binding& binding = commit.binding;
  const std::string columns = binding.column_list();
  std::string order;  // of the key: the target's index then grows at few places at a time
  for (const std::string& name : binding.key) {
    order += (order.empty() ? " ORDER BY " : ", ") + quote_name(name);
  }
  DAYMILL_TRY(connection.exec(std::string("SELECT ") + kWorkInMemory));
  DAYMILL_TRY(delete_day(connection, commit));
  DAYMILL_FAILPOINT("pg.day_insert");
  DAYMILL_ASSIGN(const Rows inserted,
                 connection.exec("INSERT INTO " + binding.table.sql() + " (" + columns +
                                 ") SELECT " + columns + " FROM " + commit.stage.sql() + order));
  if (inserted.affected() != commit.load.rows_out) {
    return Status(Code::internal, "the table took " + std::to_string(inserted.affected()) +
                                      " rows, expected " + std::to_string(commit.load.rows_out) +
                                      ": does a trigger or rule drop some?")
        .at(connection.place());
  }
  DAYMILL_FAILPOINT("pg.inserted_drop");
  return connection.exec("DROP TABLE " + commit.stage.sql()).status();
}

// A relation that this sink did not make does not become its own: a later load deletes and inserts
// in it, and drops no partition of somebody else.
DayPlan adoption(const DayLayout& layout, const std::optional<CommittedLoad>& previous) {
  DayPlan plan;
  plan.way = Way::adopt;
  if (previous && layout.covering && layout.covering->oid == previous->relation) {
    plan.relation = previous->relation;
  }
  return plan;
}

}  // namespace

bool can_attach(const TargetTable& table, const DayLayout& layout,
                const std::optional<CommittedLoad>& previous) {
  return table.why_not_attached.empty() &&
         (!layout.covering ||
          (layout.covering->exact && previous && layout.covering->oid == previous->relation));
}

Result<DayPlan> plan_day(Connection& connection, const Commit& commit,
                         const std::optional<CommittedLoad>& previous) {
  const TargetTable& table = commit.binding.table;
  DAYMILL_ASSIGN(const DayLayout layout, find_day(connection, table, day_of(commit)));
  if (commit.attempt.adopt) {
    DAYMILL_TRY(check_adoption(connection, commit));
    return adoption(layout, previous);
  }
  const bool ours = is_ours(layout.covering, previous);
  if (!ours && !commit.attempt.replace_foreign) {
    DAYMILL_ASSIGN(const bool foreign, has_rows(connection, commit));
    if (foreign) {
      return Status(Code::needs_decision,
                    table.target() + " holds rows of " + day_of(commit) +
                        " that no load of daymill wrote" +
                        (layout.covering ? " (in " + layout.covering->sql + ")" : "") +
                        ", expected none")
          .at(connection.place())
          .next("look at them: SELECT * FROM " + table.sql() + " WHERE " +
                quote_name(commit.binding.partition_column) + " = " + literal(day_of(commit)) +
                "; then move them away, or replace them: daymill run ... --replace-foreign");
    }
  }
  DayPlan plan;
  if (ours) {
    DAYMILL_ASSIGN(const auto changes, find_changes(connection, commit, *previous));
    if (changes) {
      plan.changes = *changes;
      plan.way = Way::change;
      plan.relation = previous->relation;
      return plan;
    }
  }
  if (commit.stage.attachable && can_attach(table, layout, previous)) {
    plan.way = Way::attach;
    plan.relation = commit.stage.oid;
    plan.replaced = layout.covering;
    plan.clear_first = !layout.covering && layout.otherwise;
  }
  return plan;
}

Status replace_day(Connection& connection, const Commit& commit, const DayPlan& plan) {
  switch (plan.way) {
    case Way::attach:
      return attach(connection, commit, plan);
    case Way::insert:
      return insert(connection, commit);
    case Way::change:
      return change_day(connection, commit, plan.changes);
    case Way::adopt:
      return adopt_day(connection, commit);
  }
  return Status(Code::internal, "no way to replace the day");
}

}  // namespace daymill::postgres
