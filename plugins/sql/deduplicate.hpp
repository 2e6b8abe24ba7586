// The transform `deduplicate`: one of the rows that are equal in some columns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sql {

class Deduplicate final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  /// The columns as they are; keys are those in `by`.
  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  struct Order {
    std::string column;
    bool descending = false;
  };
  Deduplicate(const Config& config, Host host);
  [[nodiscard]] std::string query() const;

  std::vector<std::string> by_names_;
  std::vector<Order> order_;
  bool keep_first_;
  Host host_;
  Schema in_;
  Schema out_;
  std::vector<std::size_t> by_;
};

}  // namespace daymill::sql
