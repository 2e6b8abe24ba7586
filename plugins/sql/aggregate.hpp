// The transform `aggregate`: one row for each combination of the columns in `by`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sql {

/// "clicks as total_clicks" in `sum`, `min` or `max`.
struct AggregatedColumn {
  std::string function;  ///< sum, min or max
  std::string column;
  std::string name;
};

struct AggregateSettings {
  std::vector<std::string> by;
  std::vector<AggregatedColumn> columns;
  std::string count;  ///< name of the column with the number of rows; empty: none
};

class Aggregate final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  /// The columns in `by` as keys, sums of int64 as measures, the rest as attributes.
  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  Aggregate(AggregateSettings settings, Host host) : settings_(std::move(settings)), host_(host) {}
  Result<Field> field_of(const AggregatedColumn& column, const Schema& in) const;
  [[nodiscard]] std::string query() const;

  AggregateSettings settings_;
  Host host_;
  Schema in_;
  Schema out_;
  std::vector<std::size_t> by_;
};

}  // namespace daymill::sql
