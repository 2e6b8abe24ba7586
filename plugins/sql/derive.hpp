// The transform `derive`: adds columns that SQL expressions give, or replaces columns by them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sql {

/// `"ctr": "float64 = clicks * 1.0 / impressions"`
struct DerivedColumn {
  std::string name;
  Type type;
  std::string sql;
};

class Derive final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  /// Derived columns are nullable attributes, whatever the column was that they replace.
  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  Derive(std::vector<DerivedColumn> columns, Host host)
      : columns_(std::move(columns)), host_(host) {}

  std::vector<DerivedColumn> columns_;
  Host host_;
  Schema in_;
  Schema out_;
};

}  // namespace daymill::sql
