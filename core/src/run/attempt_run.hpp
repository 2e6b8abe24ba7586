// One attempt to bring a partition to where the evidence says that nothing is left to do.
//
// It goes in rounds: read the evidence, decide (plan/reconcile.hpp), claim, read the evidence
// again, extract what is missing, load, remove. A round that finds that something changed under its
// hands is followed by another. A round never trusts what an earlier one or an earlier process
// remembered, only the evidence; so resume is the same as run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plan/partition_plan.hpp"
#include "run/run_context.hpp"

namespace daymill {

class AttemptRun {
 public:
  explicit AttemptRun(RunContext& context) : context_(context), pipeline_(context.pipeline) {}
  /// OK when the partition is DONE or EMPTY; report.state says which.
  Status run();

 private:
  /// A (split, generation) whose receipt the next commit writes or replaces.
  struct Change {
    std::string split;
    std::int64_t generation = 0;
    StoredSnapshot snapshot;
  };

  Status round(bool& settled);
  Status look();
  bool evidence_moved();
  Status claim(bool& changed);
  [[nodiscard]] Status check_target() const;
  Status conclude_without_work();
  Status extract_missing();
  Status judge_readings(std::vector<Change>& changes);
  Status judge_first_reading(const PlannedSplit& planned, std::vector<Change>& changes);
  Status judge_second_reading(const PlannedSplit& planned, std::vector<Change>& changes);
  Status recover(const PlannedSplit& planned, std::vector<Change>& changes);
  Status commit(const std::vector<Change>& changes);
  [[nodiscard]] std::vector<Receipt> receipts_after(const std::vector<Change>& changes) const;
  void discard_superseded(const std::vector<Change>& changes) const;
  Status remove_splits(bool& settled);
  Status remove_split(const PlannedSplit& planned, const Receipt& receipt, Reader* reader,
                      bool& settled);
  [[nodiscard]] ExtractedSplit* reading_of(const std::string& split, std::int64_t generation);
  void note_split(const PlannedSplit& planned, const Receipt* receipt, const std::string& outcome);

  RunContext& context_;
  BoundPipeline& pipeline_;
  std::unique_ptr<Sink> sink_;
  PartitionPlan plan_;
  std::int64_t epoch_ = 0;  // claimed by this attempt; 0: not yet
  int extractions_ = 0;
};

}  // namespace daymill
