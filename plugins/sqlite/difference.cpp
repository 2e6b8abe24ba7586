#include "difference.hpp"

#include <charconv>
#include <utility>

#include "daymill/failpoint.hpp"

namespace daymill::sqlite {
namespace {

/// Columns of the statement that finds what differs, after kind and number of rows: the keys in the
/// key's order, then each other column as it is in the target and as it is staged.
struct Columns {
  std::vector<std::size_t> keys;  // indexes into the rows' schema
  std::vector<std::size_t> values;

  explicit Columns(const Target& target) {
    for (const std::string& name : target.key) {
      if (const auto index = target.rows.index_of(name)) {
        keys.push_back(*index);
      }
    }
    for (std::size_t i = 0; i < target.rows.size(); ++i) {
      if (target.rows.fields[i].role != Role::key) {
        values.push_back(i);
      }
    }
  }
  [[nodiscard]] int key(std::size_t i) const { return 2 + static_cast<int>(i); }
  [[nodiscard]] int before(std::size_t i) const { return key(keys.size() + 2 * i); }
  [[nodiscard]] int after(std::size_t i) const { return before(i) + 1; }
};

constexpr int kKind = 0;
constexpr int kRows = 1;

/// Both sides one below the other: c0, c1, ... and side, -1 in the target, 1 in the stages.
std::string both_sides(const Target& target, const std::vector<std::string>& stages) {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < target.rows.size(); ++i) {
    sql += quote_name(target.rows.fields[i].name) + " AS c" + std::to_string(i) + ", ";
  }
  sql += "-1 AS side FROM main." + quote_name(target.table) + " WHERE " +
         quote_name(target.partition_column) + " = ?1";
  for (const std::string& stage : stages) {
    sql += " UNION ALL SELECT *, 1 FROM temp." + stage;
  }
  return sql;
}

/// Bytes decide, whatever the target's column says.
std::string by_bytes(const std::string& column) {
  return column + " COLLATE BINARY";
}

std::string column(std::size_t index) {
  return "c" + std::to_string(index);
}

/// Rows with equal keys are one: it is there before, after, or both.
std::string differing_by_key(const Columns& columns, const std::string& both) {
  std::string selected;
  std::string grouped;
  for (const std::size_t index : columns.keys) {
    selected += ", " + column(index);
    grouped += (grouped.empty() ? " GROUP BY " : ", ") + by_bytes(column(index));
  }
  std::string differs = "min(side) = max(side)";
  for (const std::size_t index : columns.values) {
    const std::string before = "max(CASE WHEN side < 0 THEN " + column(index) + " END)";
    const std::string after = "max(CASE WHEN side > 0 THEN " + column(index) + " END)";
    selected += ", " + before + ", " + after;
    differs += " OR " + before + " IS NOT " + after;
  }
  return "SELECT CASE WHEN min(side) > 0 THEN 1 WHEN max(side) < 0 THEN 3 ELSE 2 END, 1" +
         selected + " FROM (" + both + ")" + grouped + " HAVING " + differs;
}

/// Equal rows are counted on both sides.
std::string differing_by_row(const Columns& columns, const std::string& both) {
  std::string selected;
  std::string grouped;
  const auto add = [&](std::size_t index, bool twice) {
    selected += ", " + column(index) + (twice ? ", " + column(index) : "");
    grouped += (grouped.empty() ? " GROUP BY " : ", ") + by_bytes(column(index));
  };
  for (const std::size_t index : columns.keys) {
    add(index, false);
  }
  for (const std::size_t index : columns.values) {
    add(index, true);
  }
  return "SELECT CASE WHEN sum(side) > 0 THEN 1 ELSE 3 END, abs(sum(side))" + selected + " FROM (" +
         both + ")" + grouped + " HAVING sum(side) <> 0";
}

std::string differing(const Target& target, const Columns& columns, bool by_key,
                      const std::vector<std::string>& stages) {
  const std::string both = both_sides(target, stages);
  std::string sql = by_key ? differing_by_key(columns, both) : differing_by_row(columns, both);
  sql += " ORDER BY 1";
  for (std::size_t i = 0; i < columns.keys.size(); ++i) {
    sql += ", " + by_bytes(std::to_string(columns.key(i) + 1));
  }
  for (std::size_t i = 0; !by_key && i < columns.values.size(); ++i) {  // tell equal keys apart
    sql += ", " + by_bytes(std::to_string(columns.before(i) + 1));
  }
  return sql;
}

/// As people write it: 0.1, true, null, \x00ff.
std::string value_text(const Statement& row, int index, Type type) {
  switch (sqlite3_column_type(row.get(), index)) {
    case SQLITE_NULL:
      return "null";
    case SQLITE_INTEGER:
      if (type == Type::boolean) {
        return row.integer(index) != 0 ? "true" : "false";
      }
      return row.text(index);
    case SQLITE_FLOAT: {
      char digits[32];
      const auto end =
          std::to_chars(digits, digits + sizeof digits, sqlite3_column_double(row.get(), index));
      return std::string(digits, end.ptr);
    }
    case SQLITE_BLOB: {
      std::string hex = "\\x";
      for (const char c : row.text(index)) {
        constexpr char kDigits[] = "0123456789abcdef";
        hex += kDigits[static_cast<unsigned char>(c) >> 4];
        hex += kDigits[static_cast<unsigned char>(c) & 15];
      }
      return hex;
    }
    default:
      return row.text(index);
  }
}

RowChange change_of(const Statement& row, const Schema& rows, const Columns& columns) {
  RowChange change;
  change.kind = static_cast<RowChangeKind>(row.integer(kKind));
  for (std::size_t i = 0; i < columns.keys.size(); ++i) {
    const Type type = rows.fields[columns.keys[i]].type;
    change.key += (i == 0 ? "" : ", ") + value_text(row, columns.key(i), type);
  }
  const auto add = [](std::string& list, const std::string& name, const std::string& value) {
    list += (list.empty() ? "" : ", ") + name + " " + value;
  };
  for (std::size_t i = 0; i < columns.values.size(); ++i) {
    const Field& field = rows.fields[columns.values[i]];
    const std::string before = value_text(row, columns.before(i), field.type);
    const std::string after = value_text(row, columns.after(i), field.type);
    const bool changed = change.kind == RowChangeKind::changed;
    if (change.kind != RowChangeKind::added && (!changed || before != after)) {
      add(change.before, field.name, before);
    }
    if (change.kind != RowChangeKind::removed && (!changed || before != after)) {
      add(change.after, field.name, after);
    }
  }
  return change;
}

Status count_rows(Statement& row, const Schema& rows, const Columns& columns,
                  std::int64_t max_examples, Difference& difference) {
  while (true) {
    DAYMILL_ASSIGN(const bool found, row.step());
    if (!found) {
      return {};
    }
    const auto kind = static_cast<RowChangeKind>(row.integer(kKind));
    std::int64_t& count = kind == RowChangeKind::added     ? difference.added
                          : kind == RowChangeKind::changed ? difference.changed
                                                           : difference.removed;
    count += row.integer(kRows);
    auto left = max_examples - static_cast<std::int64_t>(difference.examples.size());
    for (std::int64_t i = 0; i < row.integer(kRows) && left > 0; ++i, --left) {
      difference.examples.push_back(change_of(row, rows, columns));
    }
  }
}

}  // namespace

Result<Difference> compare_day(Connection& connection, const Target& target, const std::string& day,
                               const std::vector<std::string>& stages, std::int64_t max_examples) {
  DAYMILL_FAILPOINT("file.difference");
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection, Transaction::Kind::read));
  DAYMILL_ASSIGN(DayContent before, target.content(connection, day));
  DAYMILL_ASSIGN(DayContent after, target.staged_content(connection, stages));
  Difference difference;
  difference.rows_before = before.rows;
  difference.rows_after = after.rows;
  difference.before = std::move(before.sums);
  difference.after = std::move(after.sums);
  DAYMILL_ASSIGN(const bool by_key, target.key_is_unique(connection, day));
  const Columns columns(target);
  DAYMILL_ASSIGN(Statement statement,
                 connection.prepare(differing(target, columns, by_key, stages)));
  statement.bind_text(1, day);
  DAYMILL_TRY(count_rows(statement, target.rows, columns, max_examples, difference));
  return difference;
}

}  // namespace daymill::sqlite
