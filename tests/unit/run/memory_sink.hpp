// A sink in memory with receipts, epochs and a fence, and a commit that can be made to fail in
// every way a database does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"

namespace daymill {

/// What a database holds of one partition; outlives the sinks that are made for it.
struct MemoryDatabase {
  using Counts = std::pair<std::int64_t, std::int64_t>;  ///< clicks, views
  std::map<std::string, Counts> rows;
  Evidence evidence;
  std::vector<RejectRow> rejects;
  int writes = 0;   ///< claims, commits, marks
  int commits = 0;  ///< that took effect

  /// Called inside commit, before anything is changed. An error is commit's answer; with
  /// `commits_anyway` the change takes effect all the same, as when only the answer is lost.
  std::function<Status()> on_commit = [] { return Status(); };
  bool commits_anyway = false;
  /// Called in the writer's thread with each batch, before it is taken.
  std::function<Status()> on_write = [] { return Status(); };
  bool has_unique_key = true;  ///< a key that comes twice is an error, as with a unique index
  std::function<Status()> on_mark_removed = [] { return Status(); };
  /// Called before a claim: what another runner may do first.
  std::function<void()> on_claim = [] {};
};

class MemorySink final : public Sink {
 public:
  explicit MemorySink(MemoryDatabase& database) : database_(database) {}
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
  Result<std::string> identity() override { return std::string("memory:target"); }
  Result<Difference> difference(std::int64_t max_examples) override;
  Result<std::vector<PartitionEvidence>> history() override;
  Status note_decision(const Partition& partition, const OperatorDecision& decision) override;

 private:
  MemoryDatabase& database_;
  Attempt attempt_;
  std::map<std::string, MemoryDatabase::Counts> staged_;
  std::vector<RejectRow> rejects_;
};

}  // namespace daymill
