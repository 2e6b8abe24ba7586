#include "comparison.hpp"

#include <algorithm>

#include "daymill/value.hpp"

namespace daymill::postgres {

bool is_key(const Binding& binding, const std::string& name) {
  return std::find(binding.key.begin(), binding.key.end(), name) != binding.key.end();
}

bool is_comparable(const Binding& binding) {
  return !binding.key.empty() && binding.key_is_unique &&
         std::all_of(
             binding.key.begin(), binding.key.end(),
             [&](const std::string& name) { return binding.table.column(name)->not_null; }) &&
         std::all_of(binding.columns.begin(), binding.columns.end(), [&](const BoundColumn& c) {
           return binding.table.column(c.name)->deterministic;
         });
}

std::string day_literal(const Partition& partition) {
  return "DATE " + literal(date_text(partition.day));
}

std::string day_rows(const Binding& binding, const Partition& partition) {
  return "SELECT " + binding.column_list() + " FROM " + binding.table.sql() + " WHERE " +
         quote_name(binding.partition_column) + " = " + day_literal(partition);
}

std::string same_key(const Binding& binding, const std::string& a, const std::string& b) {
  std::string sql;
  for (const std::string& name : binding.key) {
    sql += (sql.empty() ? "" : " AND ") + a + "." + quote_name(name) + " = " + b + "." +
           quote_name(name);
  }
  return sql;
}

std::string differing_pairs(const Binding& binding, const Stage& stage,
                            const Partition& partition) {
  return "FROM (SELECT " + binding.column_list() + " FROM " + stage.sql() + ") AS s FULL JOIN (" +
         day_rows(binding, partition) + ") AS t ON " + same_key(binding, "s", "t") + " WHERE ROW(" +
         binding.column_list("s.") + ") IS DISTINCT FROM ROW(" + binding.column_list("t.") + ")";
}

std::string pair_kind(const Binding& binding) {
  const std::string date = quote_name(binding.partition_column);
  return "CASE WHEN s." + date + " IS NULL THEN 'removed' WHEN t." + date +
         " IS NULL THEN 'added' ELSE 'changed' END";
}

}  // namespace daymill::postgres
