#include "catalogue.hpp"

#include <algorithm>

namespace daymill::postgres {
namespace {

constexpr const char* kTable = R"sql(
SELECT c.oid, c.relkind, c.relpersistence,
       c.relkind = 'p' AND p.partstrat = 'r' AND p.partnatts = 1 AND a.attname IS NOT NULL,
       pg_has_role(c.relowner, 'USAGE'),
       has_schema_privilege(c.relnamespace, 'CREATE'),
       EXISTS (SELECT FROM pg_constraint f
               WHERE f.contype = 'f' AND c.oid IN (f.confrelid, f.conrelid)),
       EXISTS (SELECT FROM pg_trigger t
               WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'),
       EXISTS (SELECT FROM pg_attribute i
               WHERE i.attrelid = c.oid AND i.attidentity <> '' AND NOT i.attisdropped),
       EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = c.oid)
         OR EXISTS (SELECT FROM pg_publication WHERE puballtables)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0] AND a.attname = $3
WHERE n.nspname = $1 AND c.relname = $2)sql";

constexpr const char* kColumns = R"sql(
SELECT a.attname, b.typname, format_type(b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod
                                                     ELSE a.atttypmod END),
       a.attnotnull, a.atthasdef, a.attgenerated <> '', a.attidentity <> '',
       coalesce(l.collisdeterministic, true),
       CASE WHEN b.typname = 'numeric' AND m.mod >= 4
            THEN ((m.mod - 4) >> 16) - (((m.mod - 4) & 2047) # 1024) + 1024 ELSE -1 END
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
LEFT JOIN pg_collation l ON l.oid = a.attcollation
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END) m(mod)
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)sql";

constexpr const char* kUniqueKeys = R"sql(
SELECT i.indexrelid, a.attname
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) AS k(attnum)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid
  AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY 1)sql";

// Bounds are read from their SQL text: FOR VALUES FROM ('2026-11-22') TO ('2026-11-23').
constexpr const char* kPartitions = R"sql(
SELECT oid, relkind, nspname, relname, bound = 'DEFAULT', lower = $2::date AND upper = $2::date + 1
FROM (SELECT oid, relkind, nspname, relname, bound,
             CASE m[1] WHEN 'MINVALUE' THEN '-infinity' ELSE trim(both '''' FROM m[1]) END::date
               AS lower,
             CASE m[2] WHEN 'MAXVALUE' THEN 'infinity' ELSE trim(both '''' FROM m[2]) END::date
               AS upper
      FROM (SELECT c.oid, c.relkind, n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid) AS bound,
                   regexp_match(pg_get_expr(c.relpartbound, c.oid),
                                '^FOR VALUES FROM \((.*)\) TO \((.*)\)$') AS m
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE i.inhparent = $1::oid AND c.relispartition) AS partitions) AS bounds
WHERE bound = 'DEFAULT' OR ($2::date >= lower AND $2::date < upper))sql";

std::string why_not_attached(const Rows& row) {
  if (!row.boolean(0, 3)) {
    return "it is not partitioned by RANGE over the partition column alone";
  }
  constexpr std::pair<int, const char*> kReasons[] = {
      {6, "foreign keys lead to or from it"},
      {7, "it has triggers"},
      {8, "it has an identity column"},
      {9, "it is published for logical replication"}};
  for (const auto& [column, reason] : kReasons) {
    if (row.boolean(0, column)) {
      return reason;
    }
  }
  if (!row.boolean(0, 4)) {
    return "the login does not own it";
  }
  return row.boolean(0, 5) ? "" : "the login may not create tables in its schema";
}

Status check_kind(const Rows& row, const std::string& target) {
  const std::string kind = row.text(0, 1);
  if (kind != "r" && kind != "p") {
    return Status(Code::unsupported, target +
                                         " is not a table, expected a table or a partitioned "
                                         "table (relkind r or p), found " +
                                         kind);
  }
  if (row.text(0, 2) != "p") {
    return Status(Code::unsupported,
                  target +
                      " is unlogged or temporary: a crash would empty it while its receipts "
                      "stay")
        .next("ALTER TABLE " + target + " SET LOGGED");
  }
  return {};
}

Status read_columns(Connection& connection, TargetTable& table) {
  DAYMILL_ASSIGN(const Rows rows, connection.exec(kColumns, {table.oid}));
  for (int i = 0; i < rows.size(); ++i) {
    TargetColumn column;
    column.name = rows.text(i, 0);
    column.type = rows.text(i, 1);
    column.type_text = rows.text(i, 2);
    column.not_null = rows.boolean(i, 3);
    column.has_default = rows.boolean(i, 4);
    column.generated = rows.boolean(i, 5);
    column.identity = rows.boolean(i, 6);
    column.deterministic = rows.boolean(i, 7);
    column.numeric_digits = static_cast<int>(rows.integer(i, 8));
    table.columns.push_back(std::move(column));
  }
  return {};
}

Status read_unique_keys(Connection& connection, TargetTable& table) {
  DAYMILL_ASSIGN(const Rows rows, connection.exec(kUniqueKeys, {table.oid}));
  for (int i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows.text(i, 0) != rows.text(i - 1, 0)) {
      table.unique_keys.emplace_back();
    }
    table.unique_keys.back().push_back(rows.text(i, 1));
  }
  return {};
}

}  // namespace

const TargetColumn* TargetTable::column(std::string_view column_name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const TargetColumn& c) { return c.name == column_name; });
  return found == columns.end() ? nullptr : &*found;
}

Result<TableName> resolve_target(Connection& connection, const TableName& wanted) {
  if (!wanted.schema.empty()) {
    return wanted;
  }
  const std::vector<std::string>& schemas = connection.search_path();
  if (schemas.empty()) {
    return Status(Code::not_found, "the login's search_path has no schema that exists")
        .at(connection.place())
        .next("write the table as \"schema.table\"");
  }
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT n.nspname FROM pg_class c"
                                 " JOIN pg_namespace n ON n.oid = c.relnamespace"
                                 " WHERE c.relname = $1 AND n.nspname = ANY ($2::text[])"
                                 " ORDER BY array_position($2::text[], n.nspname::text) LIMIT 1",
                                 {wanted.name, array_param(schemas)}));
  return TableName{rows.empty() ? schemas.front() : rows.text(0, 0), wanted.name};
}

Result<TargetTable> find_target(Connection& connection, const Settings& settings) {
  DAYMILL_ASSIGN(const TableName name, resolve_target(connection, settings.table));
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(kTable, {name.schema, name.name, settings.partition_column}));
  if (rows.empty()) {
    return Status(Code::not_found,
                  "table " + target_name(name.schema, name.name) + " does not exist")
        .at(connection.place())
        .next("create it, or put \"create\": true into the sink's config");
  }
  TargetTable table;
  table.oid = rows.integer(0, 0);
  table.schema = name.schema;
  table.name = name.name;
  DAYMILL_TRY(check_kind(rows, table.target()).at(connection.place()));
  table.partitioned_by_day = rows.boolean(0, 3);
  table.why_not_attached = why_not_attached(rows);
  DAYMILL_TRY(read_columns(connection, table));
  DAYMILL_TRY(read_unique_keys(connection, table));
  return table;
}

Result<DayLayout> find_day(Connection& connection, const TargetTable& table,
                           const std::string& day) {
  DayLayout layout;
  if (!table.partitioned_by_day) {
    return layout;
  }
  DAYMILL_ASSIGN(const Rows rows, connection.exec(kPartitions, {table.oid, day}));
  for (int i = 0; i < rows.size(); ++i) {
    std::string sql = quote_name(rows.text(i, 2), rows.text(i, 3));
    if (rows.boolean(i, 4)) {
      layout.otherwise = std::move(sql);
    } else {
      const bool plain = rows.text(i, 1) == "r";
      layout.covering =
          DayRelation{rows.integer(i, 0), std::move(sql), plain && rows.boolean(i, 5)};
    }
  }
  return layout;
}

}  // namespace daymill::postgres
