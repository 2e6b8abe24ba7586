// The transform `check`: expectations that every row has to meet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

namespace daymill::sql {

enum class Severity {
  reject = 1,  ///< the row is rejected
  warn,        ///< the row is kept, the number of them reported at the end
  fail,        ///< the load fails
};

/// How many rows may miss an expectation before the load fails.
struct Limit {
  std::optional<std::int64_t> rows;
  std::optional<double> share;  ///< of all rows of the partition: 0.01
};

struct Expectation {
  std::string name;
  std::string sql;
  Severity severity = Severity::reject;
  Limit limit;
};

class Check final : public Transform {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Transform>> create(const Config& config, Host host);

  Result<Schema> bind(const Schema& in) override;
  /// After bind().
  Result<std::unique_ptr<Lane>> open(const Partition& partition) override;

 private:
  Check(std::vector<Expectation> expectations, Host host)
      : expectations_(std::move(expectations)), host_(host) {}

  std::vector<Expectation> expectations_;
  Host host_;
  Schema schema_;
};

}  // namespace daymill::sql
