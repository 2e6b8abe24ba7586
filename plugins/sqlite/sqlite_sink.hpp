// The sink `sqlite`: a table in an SQLite database, with receipts in the data's transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "connection.hpp"
#include "evidence.hpp"
#include "stage.hpp"
#include "target.hpp"

namespace daymill::sqlite {

/// One connection, made by bind(). Another program that holds the database's lock for longer than
/// the configured time makes a call fail with CONFLICT, which the engine tries again.
class SqliteSink final : public Sink {
 public:
  static ConfigSpec spec();
  static Result<std::unique_ptr<Sink>> create(const Config& config, Host host);
  ~SqliteSink() override { abort(); }

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
  SqliteSink(const Config& config, Host host);
  Status connect();
  [[nodiscard]] EvidenceKey key_of(const std::string& partition) const;
  Status check_owner(const Fence& fence, const std::string& partition) const;
  Status check_receipts(const EvidenceKey& key, const Evidence& held,
                        const std::vector<Receipt>& receipts) const;
  Status check_foreign_rows(const EvidenceKey& key, const Evidence& held);
  Status replace_day(const EvidenceKey& key, const Load& load);
  Status adopt_day(const EvidenceKey& key, const Load& load);
  Status at_target(Status status) const;

  std::string path_;  // canonical
  bool create_;
  int busy_ms_;
  Host host_;
  Target target_;
  std::string pipeline_;
  std::shared_ptr<Connection> connection_;
  Attempt attempt_;
  std::shared_ptr<Stage> stage_;
};

}  // namespace daymill::sqlite
