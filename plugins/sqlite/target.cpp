#include "target.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace daymill::sqlite {
namespace {

/// SQLite's five affinities by its rules for declared types (sqlite.org/datatype3.html,
/// section 3.1).
std::string affinity_of(std::string declared) {
  std::transform(declared.begin(), declared.end(), declared.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto has = [&](const char* part) { return declared.find(part) != std::string::npos; };
  if (has("INT")) {
    return "INTEGER";
  }
  if (has("CHAR") || has("CLOB") || has("TEXT")) {
    return "TEXT";
  }
  if (declared.empty() || has("BLOB")) {
    return "BLOB";
  }
  return has("REAL") || has("FLOA") || has("DOUB") ? "REAL" : "NUMERIC";
}

/// May a column of this affinity hold the type unchanged? NUMERIC (BOOLEAN, DATE, ...) keeps
/// integers and texts that are no numbers.
bool can_hold(const std::string& affinity, Type type) {
  const bool numeric_does =
      type == Type::int64 || type == Type::boolean || type == Type::date || type == Type::timestamp;
  return affinity == sqlite_type(type) || (affinity == "NUMERIC" && numeric_does);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct TableColumn {
  std::string declared;
  bool must_be_given = false;  // NOT NULL without a default
};

Result<std::map<std::string, TableColumn>> columns_of(Connection& connection,
                                                      const std::string& table) {
  DAYMILL_ASSIGN(
      Statement statement,
      connection.prepare("SELECT name, type, \"notnull\" = 1 AND dflt_value IS NULL, hidden FROM "
                         "pragma_table_xinfo(?1)"));
  statement.bind_text(1, table);
  std::map<std::string, TableColumn> columns;
  while (true) {
    DAYMILL_ASSIGN(const bool row, statement.step());
    if (!row) {
      return columns;
    }
    if (statement.integer(3) == 0) {  // generated columns cannot be written
      columns[statement.text(0)] = TableColumn{statement.text(1), statement.integer(2) != 0};
    }
  }
}

Status check_collation(Connection& connection, const std::string& table,
                       const std::string& column) {
  const char* collation = nullptr;
  const int result =
      sqlite3_table_column_metadata(connection.get(), nullptr, table.c_str(), column.c_str(),
                                    nullptr, &collation, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK || sqlite3_stricmp(collation, "BINARY") == 0) {
    return {};
  }
  return Status(Code::schema_mismatch, "key column \"" + column + "\" has the collation " +
                                           collation +
                                           ", which takes different texts for equal; "
                                           "expected BINARY");
}

std::string column_list(const Schema& rows) {
  std::string list;
  for (const Field& field : rows.fields) {
    list += ", " + quote_name(field.name);
  }
  return list;
}

std::string union_of(const std::vector<std::string>& stages) {
  std::string sql;
  for (const std::string& stage : stages) {
    sql += (sql.empty() ? "SELECT * FROM temp." : " UNION ALL SELECT * FROM temp.") + stage;
  }
  return sql;
}

}  // namespace

const char* sqlite_type(Type type) {
  switch (type) {
    case Type::boolean:
    case Type::int64:
      return "INTEGER";
    case Type::float64:
      return "REAL";
    case Type::binary:
      return "BLOB";
    case Type::text:
    case Type::date:
    case Type::timestamp:
      break;
  }
  return "TEXT";
}

Status Target::check_settings() const {
  if (table.rfind("sqlite_", 0) == 0 || table.rfind("daymill_", 0) == 0) {
    return Status(Code::invalid_config,
                  "sqlite: the table name \"" + table +
                      "\" is reserved, expected one that begins neither with sqlite_ nor daymill_");
  }
  if (rows.index_of(partition_column)) {
    return Status(Code::schema_mismatch, "sqlite: the rows have a column \"" + partition_column +
                                             "\" already, which is to hold the partition's date");
  }
  std::vector<std::string> expected{partition_column};
  for (const std::size_t index : rows.with_role(Role::key)) {
    expected.push_back(rows.fields[index].name);
  }
  std::string list;
  for (const std::string& name : expected) {
    list += (list.empty() ? "" : ", ") + name;
  }
  const bool same = std::is_permutation(key.begin(), key.end(), expected.begin(), expected.end());
  return same ? Status()
              : Status(Code::schema_mismatch,
                       "sqlite: the setting `key` does not fit the rows, expected the partition "
                       "column and the rows' keys: " +
                           list);
}

Result<bool> Target::exists(Connection& connection) const {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("SELECT type FROM main.sqlite_schema WHERE name = ?1 COLLATE "
                                    "NOCASE AND type IN ('table', 'view')"));
  DAYMILL_ASSIGN(const bool row, statement.bind_text(1, table).step());
  if (row && statement.text(0) == "view") {
    return Status(Code::schema_mismatch, "\"" + table + "\" is a view, expected a table")
        .at(connection.where());
  }
  return row;
}

Status Target::create(Connection& connection) const {
  std::string sql = "CREATE TABLE IF NOT EXISTS main." + quote_name(table) + " (" +
                    quote_name(partition_column) + " TEXT NOT NULL";
  for (const Field& field : rows.fields) {
    sql += ", " + quote_name(field.name) + " " + sqlite_type(field.type);
    sql += field.nullable && !contains(key, field.name) ? "" : " NOT NULL";
  }
  std::string keys;
  for (const std::string& name : key) {
    keys += (keys.empty() ? "" : ", ") + quote_name(name);
  }
  return connection.execute(sql + ", PRIMARY KEY (" + keys + ")) STRICT, WITHOUT ROWID");
}

Status Target::check_table(Connection& connection) const {
  const std::string where = connection.where() + " table " + table;
  DAYMILL_ASSIGN(const auto columns, columns_of(connection, table));
  Schema expected = rows;
  expected.fields.push_back(Field{partition_column, Type::date, Role::key, false});
  for (const Field& field : expected.fields) {
    const auto found = columns.find(field.name);
    if (found == columns.end()) {
      return Status(Code::schema_mismatch, "the table has no column \"" + field.name + "\"")
          .at(where)
          .next("ALTER TABLE " + quote_name(table) + " ADD COLUMN " + quote_name(field.name) + " " +
                sqlite_type(field.type));
    }
    if (!can_hold(affinity_of(found->second.declared), field.type)) {
      return Status(Code::schema_mismatch,
                    "column \"" + field.name + "\" is declared as \"" + found->second.declared +
                        "\", expected " + sqlite_type(field.type) + " for " + type_name(field.type))
          .at(where);
    }
    if (field.role == Role::key) {
      DAYMILL_TRY(check_collation(connection, table, field.name));
    }
  }
  for (const auto& [name, column] : columns) {
    if (column.must_be_given && !expected.index_of(name)) {
      return Status(Code::schema_mismatch,
                    "column \"" + name + "\" is NOT NULL and the rows have no such column")
          .at(where);
    }
  }
  return {};
}

Result<DayContent> Target::content(Connection& connection, const std::string& day) const {
  std::vector<std::string> measures;
  for (const std::size_t index : rows.with_role(Role::measure)) {
    measures.push_back(quote_name(rows.fields[index].name));
  }
  const std::string from =
      "main." + quote_name(table) + " WHERE " + quote_name(partition_column) + " = ?1";
  return sum_up(connection, measures, from, day);
}

Result<DayContent> Target::staged_content(Connection& connection,
                                          const std::vector<std::string>& stages) const {
  std::vector<std::string> measures;
  for (const std::size_t index : rows.with_role(Role::measure)) {
    measures.push_back("c" + std::to_string(index));
  }
  const std::string all = union_of(stages);
  if (!all.empty()) {
    return sum_up(connection, measures, "(" + all + ") WHERE ?1 = ?1", "");
  }
  DayContent nothing;
  for (const std::size_t index : rows.with_role(Role::measure)) {
    nothing.sums.push_back(Sum{rows.fields[index].name, 0});
  }
  return nothing;
}

Result<DayContent> Target::sum_up(Connection& connection, const std::vector<std::string>& measures,
                                  const std::string& from, const std::string& day) const {
  std::string sql = "SELECT count(*)";
  for (const std::string& measure : measures) {
    sql += ", coalesce(sum(" + measure + "), 0)";
  }
  DAYMILL_ASSIGN(Statement statement, connection.prepare(sql + " FROM " + from));
  DAYMILL_TRY(statement.bind_text(1, day).step());
  DayContent content;
  content.rows = statement.integer(0);
  int column = 0;
  for (const std::size_t index : rows.with_role(Role::measure)) {
    content.sums.push_back(Sum{rows.fields[index].name, statement.integer(++column)});
  }
  return content;
}

Result<bool> Target::key_is_unique(Connection& connection, const std::string& day) const {
  DAYMILL_ASSIGN(const bool indexed, has_unique_index(connection));
  std::string nulls;
  for (const std::string& name : key) {
    nulls += (nulls.empty() ? "" : " OR ") + quote_name(name) + " IS NULL";
  }
  DAYMILL_ASSIGN(Statement statement, connection.prepare("SELECT 1 FROM main." + quote_name(table) +
                                                         " WHERE " + quote_name(partition_column) +
                                                         " = ?1 AND (" + nulls + ") LIMIT 1"));
  DAYMILL_ASSIGN(const bool has_null, statement.bind_text(1, day).step());
  return indexed && !has_null;
}

Result<bool> Target::has_unique_index(Connection& connection) const {
  std::string names;
  for (std::size_t i = 0; i < key.size(); ++i) {
    names += (i == 0 ? "?" : ", ?") + std::to_string(i + 2);
  }
  DAYMILL_ASSIGN(
      Statement statement,
      connection.prepare("SELECT 1 FROM pragma_index_list(?1) AS i WHERE i.\"unique\" AND NOT "
                         "i.partial AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) AS c "
                         "WHERE c.name IS NULL OR c.name COLLATE NOCASE NOT IN (" +
                         names + "))"));
  statement.bind_text(1, table);
  for (std::size_t i = 0; i < key.size(); ++i) {
    statement.bind_text(static_cast<int>(i) + 2, key[i]);
  }
  return statement.step();
}

Status Target::remove_day(Connection& connection, const std::string& day) const {
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("DELETE FROM main." + quote_name(table) + " WHERE " +
                                    quote_name(partition_column) + " = ?1"));
  return statement.bind_text(1, day).run();
}

Status Target::insert_day(Connection& connection, const std::string& day,
                          const std::vector<std::string>& stages) const {
  std::string columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns += ", c" + std::to_string(i);
  }
  const std::string from = union_of(stages);
  std::string order;
  for (const std::string& name : key) {
    if (const auto index = rows.index_of(name)) {
      order += (order.empty() ? " ORDER BY c" : ", c") + std::to_string(*index);
    }
  }
  if (from.empty()) {
    return {};
  }
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare("INSERT INTO main." + quote_name(table) + " (" +
                                    quote_name(partition_column) + column_list(rows) +
                                    ") SELECT ?1" + columns + " FROM (" + from + ")" + order));
  return statement.bind_text(1, day).run();
}

}  // namespace daymill::sqlite
