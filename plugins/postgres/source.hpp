// The source `postgres`: the result of one query per day, read whole or in parts.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connection_settings.hpp"
#include "daymill/plugin.hpp"
#include "moment.hpp"
#include "query_columns.hpp"
#include "query_text.hpp"

namespace daymill::postgres {

/// Nothing is ever removed. All splits that are opened between two calls of plan() show one moment
/// of the database.
class PostgresSource final : public Source {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Source>> create(const Config& config, Host host);

  Result<Schema> schema() override { return settings_.typed; }
  Result<Schema> raw_schema() override;
  Result<std::vector<Split>> plan(const Partition& partition) override;
  Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) override;
  Result<std::unique_ptr<Lane>> decoder(const Partition& partition,
                                        std::string_view split_id) override;
  Result<std::vector<std::string>> check() override;

 private:
  struct Settings {
    ConnectionSettings connection;
    QueryText query;
    Schema typed;
    std::int64_t splits = 1;
    std::string split_by;  ///< empty: one split
  };
  PostgresSource(Settings settings, Host host) : settings_(std::move(settings)), host_(host) {}

  [[nodiscard]] std::string split_id(std::int64_t part) const;
  [[nodiscard]] std::optional<std::int64_t> part_of(std::string_view id) const;
  [[nodiscard]] std::string select_part(std::int64_t part) const;
  [[nodiscard]] Result<std::unique_ptr<Connection>> connect() const;
  Status join_moment(Connection& connection, std::int64_t part);

  Settings settings_;
  Host host_;
  /// Between the first and the last part of a reading.
  std::unique_ptr<Moment> moment_;
  std::set<std::int64_t> opened_;  ///< parts that have joined it
};

}  // namespace daymill::postgres
