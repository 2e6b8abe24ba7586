// Which column of the rows goes into which column of the target, and whether that can hold its
// values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "catalogue.hpp"
#include "daymill/schema.hpp"

namespace daymill::postgres {

/// A column of the target that the sink fills.
struct BoundColumn {
  static constexpr std::size_t kPartitionDate = static_cast<std::size_t>(-1);
  std::string name;
  std::size_t source = kPartitionDate;  ///< column of the batches
  Type type = Type::date;
  bool binary = true;  ///< PostgreSQL's binary form of the target's type is the one of `type`
};

struct Binding {
  TargetTable table;
  std::string pipeline;
  std::string partition_column;
  std::vector<std::string> key;
  std::vector<BoundColumn> columns;  ///< the partition's date first, then as in the rows
  std::vector<std::string> measures;
  bool key_is_unique = false;  ///< by an index of the target

  /// COPY can be binary: every column has its binary form.
  [[nodiscard]] bool binary() const;
  /// "date", "ad_id", ... for a column list in SQL; each after `prefix` ("s." or nothing).
  [[nodiscard]] std::string column_list(std::string_view prefix = {}) const;
};

/// What can be said of the rows without looking at the target; bind_rows says it too.
[[nodiscard]] Status check_rows(const Settings& settings, const Schema& rows);

/// Does `key`, if there is one, have all columns that tell rows apart? A table may do with fewer; a
/// pipeline that says so has most likely forgotten one.
[[nodiscard]] Status check_key_is_whole(const Settings& settings, const Schema& rows);

/// SCHEMA_MISMATCH names column, found and expected. INVALID_CONFIG for a key that cannot be.
[[nodiscard]] Result<Binding> bind_rows(TargetTable table, const Settings& settings,
                                        const Schema& rows, const std::string& pipeline);

/// The statement that creates the target for these rows: partitioned by day, without a day.
[[nodiscard]] Result<std::string> create_table_sql(const TableName& name, const Settings& settings,
                                                   const Schema& rows);

}  // namespace daymill::postgres
