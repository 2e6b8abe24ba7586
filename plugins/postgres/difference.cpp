#include "difference.hpp"

#include <algorithm>

#include "comparison.hpp"
#include "daymill/failpoint.hpp"

namespace daymill::postgres {
namespace {

// A column in the table `differing` of the statement below. Names of its own: the target's may be
// anything.
struct ComparedColumn {
  const BoundColumn* column = nullptr;
  std::string staged;  ///< of a key column: the value of either side
  std::string target;
};

struct ComparedColumns {
  std::vector<ComparedColumn> keys;    ///< without the partition column, in the key's order
  std::vector<ComparedColumn> values;  ///< the others, without the partition column
};

ComparedColumns compared_columns(const Binding& binding) {
  ComparedColumns columns;
  const auto numbered = [](const char* letter, std::size_t number) {
    return letter + std::to_string(number);
  };
  for (const std::string& name : binding.key) {
    for (const BoundColumn& column : binding.columns) {
      if (column.name == name && name != binding.partition_column) {
        columns.keys.push_back({&column, numbered("k", columns.keys.size()), ""});
      }
    }
  }
  for (const BoundColumn& column : binding.columns) {
    if (column.name != binding.partition_column && !is_key(binding, column.name)) {
      const std::size_t number = columns.values.size();
      columns.values.push_back({&column, numbered("s", number), numbered("t", number)});
    }
  }
  return columns;
}

// Bytes decide, whatever the column's or the database's collation says.
std::string by_bytes(const BoundColumn& column, const std::string& sql) {
  return column.type == Type::text ? sql + " COLLATE \"C\"" : sql;
}

// SELECT kind, how many, keys, staged and target's values of what differs, rows paired by the key.
std::string differing_by_key(const Binding& binding, const ComparedColumns& columns,
                             const Stage& stage, const Partition& partition) {
  std::string sql = "SELECT " + pair_kind(binding) + " AS kind, 1::bigint AS times";
  for (const ComparedColumn& key : columns.keys) {
    const std::string name = quote_name(key.column->name);
    sql += ", coalesce(s." + name + ", t." + name + ") AS " + key.staged;
  }
  for (const ComparedColumn& value : columns.values) {
    const std::string name = quote_name(value.column->name);
    sql += ", s." + name + " AS " + value.staged + ", t." + name + " AS " + value.target;
  }
  return sql + " " + differing_pairs(binding, stage, partition);
}

// The same where rows cannot be told apart: equal rows are counted on both sides.
std::string differing_by_row(const Binding& binding, const ComparedColumns& columns,
                             const Stage& stage, const Partition& partition) {
  std::string selected;
  std::string grouped;
  const auto add = [&](const ComparedColumn& compared) {
    const std::string value = by_bytes(*compared.column, "u." + quote_name(compared.column->name));
    selected += ", " + value + " AS " + compared.staged;
    selected += compared.target.empty() ? "" : ", " + value + " AS " + compared.target;
    grouped += (grouped.empty() ? "" : ", ") + value;
  };
  std::for_each(columns.keys.begin(), columns.keys.end(), add);
  std::for_each(columns.values.begin(), columns.values.end(), add);
  const std::string side = quote_name("daymill side");
  return "SELECT CASE WHEN sum(u." + side +
         ") > 0 THEN 'added' ELSE 'removed' END AS kind, abs(sum(u." + side + ")) AS times" +
         selected + " FROM (SELECT 1 AS " + side + ", * FROM (SELECT " + binding.column_list() +
         " FROM " + stage.sql() + ") AS staged UNION ALL SELECT -1, * FROM (" +
         day_rows(binding, partition) + ") AS there) AS u" +
         (grouped.empty() ? "" : " GROUP BY " + grouped) + " HAVING sum(u." + side + ") <> 0";
}

std::string joined(const std::string& items) {
  return items.empty() ? "''" : "array_to_string(ARRAY[" + items + "], ', ')";
}

// "7, shoes"
std::string key_text(const ComparedColumns& columns) {
  std::string items;
  for (const ComparedColumn& key : columns.keys) {
    items += (items.empty() ? "" : ", ") + ("coalesce(e." + key.staged + "::text, 'null')");
  }
  return joined(items);
}

// "clicks 3, ctr 0.1": of a row that is there on both sides only what differs.
std::string values_text(const ComparedColumns& columns, std::string ComparedColumn::*side,
                        const std::string& unless_kind) {
  std::string items;
  for (const ComparedColumn& value : columns.values) {
    items += (items.empty() ? "" : ", ") +
             ("CASE WHEN e.kind <> 'changed' OR e." + value.staged + " IS DISTINCT FROM e." +
              value.target + " THEN " + literal(value.column->name + " ") + " || coalesce(e." +
              value.*side + "::text, 'null') END");
  }
  return "CASE WHEN e.kind = '" + unless_kind + "' THEN '' ELSE " + joined(items) + " END";
}

// One row at least: three counts, then an example.
std::string difference_sql(const Binding& binding, const Stage& stage, const Partition& partition,
                           std::int64_t max_examples) {
  const ComparedColumns columns = compared_columns(binding);
  const bool by_key = is_comparable(binding);
  std::string order = " ORDER BY e.kind COLLATE \"C\"";
  for (const ComparedColumn& key : columns.keys) {
    order += ", " + by_bytes(*key.column, "e." + key.staged);
  }
  for (const ComparedColumn& value : columns.values) {  // tell rows apart that have no key
    order += by_key ? "" : ", " + by_bytes(*value.column, "e." + value.staged);
  }
  const std::string most = std::to_string(std::max<std::int64_t>(max_examples, 0));
  const auto count = [](const std::string& kind) {
    return "coalesce(sum(times) FILTER (WHERE kind = '" + kind + "'), 0)::bigint AS " + kind;
  };
  return "WITH differing AS MATERIALIZED (" +
         (by_key ? differing_by_key(binding, columns, stage, partition)
                 : differing_by_row(binding, columns, stage, partition)) +
         "), counts AS (SELECT " + count("added") + ", " + count("changed") + ", " +
         count("removed") + " FROM differing), examples AS (SELECT e.* FROM differing AS e" +
         (by_key ? "" : " CROSS JOIN LATERAL generate_series(1, least(e.times, " + most + "))") +
         order + " LIMIT " + most + ") SELECT c.added, c.changed, c.removed, e.kind, " +
         key_text(columns) + ", " + values_text(columns, &ComparedColumn::target, "added") + ", " +
         values_text(columns, &ComparedColumn::staged, "removed") +
         " FROM counts AS c LEFT JOIN examples AS e ON true" + order;
}

// Whole numbers that an int64 holds, as foreign rows in a numeric column need not be.
std::string totals_sql(const Binding& binding, const std::string& rows) {
  std::string sql = "(SELECT count(*)";
  for (const std::string& measure : binding.measures) {
    sql += ", least(greatest(round(coalesce(sum(" + quote_name(measure) +
           "), 0)), -9223372036854775808), 9223372036854775807)";
  }
  return sql + " FROM " + rows + ")";
}

Status read_both_totals(Connection& connection, const Binding& binding, const Attempt& attempt,
                        const Stage& stage, Difference& difference) {
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT * FROM " +
                                 totals_sql(binding, "(" + day_rows(binding, attempt.partition) +
                                                         ") AS there") +
                                 " AS before, " + totals_sql(binding, stage.sql()) + " AS after"));
  int column = 0;
  const auto take = [&](std::int64_t& count, std::vector<Sum>& sums) {
    count = rows.integer(0, column++);
    for (const std::string& measure : binding.measures) {
      sums.push_back(Sum{measure, rows.integer(0, column++)});
    }
  };
  take(difference.rows_before, difference.before);
  take(difference.rows_after, difference.after);
  return {};
}

RowChangeKind kind_of(const std::string& kind) {
  return kind == "added"     ? RowChangeKind::added
         : kind == "changed" ? RowChangeKind::changed
                             : RowChangeKind::removed;
}

Result<Difference> compare(Connection& connection, const Binding& binding, const Attempt& attempt,
                           const Stage& stage, std::int64_t max_examples) {
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin_reading(connection));
  // Hashing two whole days is several times faster than merging two indexes.
  DAYMILL_TRY(connection.exec(std::string("SELECT set_config('enable_mergejoin', 'off', true), ") +
                              kWorkInMemory));
  Difference difference;
  DAYMILL_FAILPOINT("pg.difference_totals");
  DAYMILL_TRY(read_both_totals(connection, binding, attempt, stage, difference));
  DAYMILL_FAILPOINT("pg.difference");
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec(difference_sql(binding, stage, attempt.partition, max_examples)));
  difference.added = rows.integer(0, 0);
  difference.changed = rows.integer(0, 1);
  difference.removed = rows.integer(0, 2);
  for (int i = 0; i < rows.size() && !rows.is_null(i, 3); ++i) {
    difference.examples.push_back(
        RowChange{kind_of(rows.text(i, 3)), rows.text(i, 4), rows.text(i, 5), rows.text(i, 6)});
  }
  DAYMILL_TRY(transaction.commit());
  return difference;
}

}  // namespace

Result<Difference> compare_day(Connection& connection, const Binding& binding,
                               const Attempt& attempt, const Stage& stage,
                               std::int64_t max_examples) {
  Result<Difference> difference = compare(connection, binding, attempt, stage, max_examples);
  if (difference.status().code() == Code::not_found) {
    DAYMILL_TRY(find_stage(connection, attempt, stage));
  }
  return difference;
}

}  // namespace daymill::postgres
