// The sink `postgres`: keeps the order of calls and the session; everything else is in the files it
// includes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binding.hpp"
#include "daymill/plugin.hpp"
#include "evidence_schema.hpp"
#include "settings.hpp"
#include "stage.hpp"

namespace daymill::postgres {

class PostgresSink final : public Sink {
 public:
  static Result<std::unique_ptr<Sink>> create(const Config& config, Host host);
  PostgresSink(Settings settings, Host host) : settings_(std::move(settings)), host_(host) {}
  ~PostgresSink() override { abort(); }

  Status check_rows(const Schema& rows) override;
  Status bind(const Schema& rows, const std::string& pipeline) override;
  Result<Evidence> receipts(const Partition& partition, bool settle) override;
  Result<std::int64_t> claim(const Partition& partition) override;
  Status begin(const Attempt& attempt) override;
  Result<std::unique_ptr<Writer>> open() override;
  Status reject(const std::vector<RejectRow>& rows) override;
  Status commit(const Load& load, const std::vector<Receipt>& receipts) override;
  void abort() noexcept override;
  Status mark_removed(const Partition& partition, const std::string& split,
                      std::int64_t generation) override;
  Result<std::string> identity() override;
  Result<std::vector<std::string>> check() override;
  Result<std::vector<PartitionEvidence>> history() override;
  Result<Difference> difference(std::int64_t max_examples) override;
  Result<std::vector<RejectRow>> rejects(const Partition& partition,
                                         std::int64_t max_rows) override;
  Status note_decision(const Partition& partition, const OperatorDecision& decision) override;

 private:
  /// What begin() started and commit() or abort() ends.
  struct Running {
    Attempt attempt;
    std::shared_ptr<Stage> stage;
    std::vector<RejectRow> rejects;
    std::size_t reject_bytes = 0;
    bool opened = false;
  };

  /// The control session; a new one when the last one broke.
  Result<Connection*> connect();
  /// The control session of a bound sink.
  Result<Connection*> connect_bound();
  Status create_target(Connection& connection, const Schema& rows);

  Settings settings_;
  Host host_;
  std::unique_ptr<Connection> connection_;
  std::optional<Binding> binding_;
  EvidenceSchema evidence_schema_;  ///< as bind() found or made it
  std::optional<Running> running_;
};

}  // namespace daymill::postgres
