// The transform `select`: which columns go on, in which order, under which name and type.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::select {

/// One item of `columns`: "search_word", "clicks as views", "price::float64 as cost".
struct SelectedColumn {
  std::string column;
  std::optional<Type> cast;
  std::string name;
};

/// Where an output column comes from.
struct ColumnPlan {
  std::size_t from = 0;
  std::size_t use = 0;  ///< how many output columns before it come from the same one
  Type from_type = Type::text;
};

class Select final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  /// Roles travel with their columns. SCHEMA_MISMATCH when a key is left out, a cast does not exist
  /// or would make different keys equal, or two columns get one name.
  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  explicit Select(std::vector<SelectedColumn> columns) : columns_(std::move(columns)) {}

  std::vector<SelectedColumn> columns_;
  std::vector<ColumnPlan> plan_;
  Schema out_;
};

}  // namespace daymill::select
