// The transform `sql`: one SELECT over all rows of the partition.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sql {

class CollectedRows;

class Query final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  /// The declared columns. SCHEMA_MISMATCH when the query does not compile or gives others.
  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  Query(std::string query, Schema out, Host host)
      : query_(std::move(query)), out_(std::move(out)), host_(host) {}

  std::string query_;
  Schema out_;
  Host host_;
  Schema in_;
  std::vector<int> positions_;  // of the declared columns in the query's result
};

}  // namespace daymill::sql
