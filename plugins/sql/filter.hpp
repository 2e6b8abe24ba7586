// The transform `filter`: keeps the rows for which an SQL expression is true.
#pragma once

#include <memory>
#include <string>

#include <daymill/plugin.hpp>

namespace daymill::sql {

class Filter final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  Filter(std::string where, Host host) : where_(std::move(where)), host_(host) {}

  std::string where_;
  Host host_;
  Schema schema_;
};

}  // namespace daymill::sql
