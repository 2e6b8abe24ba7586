// One attempt to bring a partition to where the evidence says that nothing is left to do.
//
// It goes in rounds: read the evidence, decide (plan/reconcile.hpp), claim, read the evidence
// again, extract what is missing, load, remove. A round that finds that something changed under its
// hands is followed by another. A round never trusts what an earlier one or an earlier process
// remembered, only the evidence; so resume is the same as run.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plan/partition_plan.hpp"
#include "run/compare.hpp"
#include "run/early_load.hpp"
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
  Status check_target();
  Status adopt_target();
  Status conclude_without_work();

  // attempt_extract.cpp
  Status extract_missing();
  [[nodiscard]] bool may_load_early() const;
  std::unique_ptr<EarlyLoad> begin_early_load(const std::vector<ExtractTask>& tasks);
  void warn_of_absent_splits();
  void warn_of_writes(const PlannedSplit& planned);

  // attempt_judge.cpp
  Status settle_contradictions();
  Status judge_readings(std::vector<Change>& changes);
  Status judge_first_reading(const PlannedSplit& planned, std::vector<Change>& changes);
  [[nodiscard]] bool is_contested(const PlannedSplit& planned) const;
  Status judge_second_reading(const PlannedSplit& planned, std::vector<Change>& changes);
  Status check_snapshots(std::vector<Change>& changes);
  Status give_up_late_data(const std::filesystem::path& missing, std::vector<Change>& changes);
  Status recover(const PlannedSplit& planned, std::vector<Change>& changes);
  Status take_vanished(const PlannedSplit& planned, std::vector<Change>& changes);
  [[nodiscard]] Status several_readings(const PlannedSplit& planned,
                                        const std::vector<StoredSnapshot>& readings) const;
  static std::vector<StoredSnapshot> removed_readings(const std::vector<StoredSnapshot>& stored,
                                                      const Split& split, std::int64_t generation);
  Status accept_loss(const PlannedSplit& planned, std::int64_t newest,
                     const std::vector<std::int64_t>& lost);
  Status ask(const PlannedSplit& planned, const std::string& problem,
             std::initializer_list<Choice> possible);
  Status mark_removed(const PlannedSplit& planned);
  Status set_record(const PlannedSplit& planned, std::int64_t generation,
                    const std::string& fingerprint);
  Status set_aside_readings(const std::string& split, std::int64_t generation);
  void take_away(const PlannedSplit& planned, const StoredSnapshot& reading);
  Status settle_earlier_readings(const PlannedSplit& planned, const StoredSnapshot& decided);
  static void keep_aside(const StoredSnapshot& snapshot);
  void forget_reading(const std::string& split);
  void forget_unloaded_readings();
  std::string sums_of(const PlannedSplit& planned);
  static std::string known_content(const PlannedSplit& planned, const StoredSnapshot& reading);
  Result<Comparison> compare_with(const Receipt& receipt, const StoredSnapshot& reading);
  [[nodiscard]] std::filesystem::path snapshot_of(const Receipt& receipt) const;

  Status commit(const std::vector<Change>& changes);
  [[nodiscard]] std::vector<Receipt> receipts_after(const std::vector<Change>& changes) const;
  void discard_superseded(const std::vector<Change>& changes) const;
  Status remove_splits(bool& settled);
  Status remove_decided();
  static Status written_meanwhile(const PlannedSplit& planned);
  Status note_removal(const PlannedSplit& planned);
  Status remove_split(const PlannedSplit& planned, const Receipt& receipt, Reader* reader,
                      RemovalKind kind, bool& settled);
  [[nodiscard]] ExtractedSplit* reading_of(const std::string& split, std::int64_t generation);
  void note_split(const PlannedSplit& planned, const Receipt* receipt, const std::string& outcome);

  RunContext& context_;
  BoundPipeline& pipeline_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<EarlyLoad> early_;  // of this round's readings
  PartitionPlan plan_;
  std::int64_t epoch_ = 0;  // claimed by this attempt; 0: not yet
  int extractions_ = 0;

  std::set<std::string> warned_of_;  ///< splits that are still being written

  // What somebody decided.
  /// Splits about which somebody was asked, and the generation that the source contradicts: what
  /// they said is for that one, not for what is counted and loaded afterwards.
  std::map<std::string, std::int64_t> contested_;
  std::map<std::string, RemovalKind> decided_removals_;
  std::set<std::string> replaced_;  ///< splits whose reading stands for what is loaded
  bool record_was_set_ = false;     ///< in this round: the evidence is to be read again
};

}  // namespace daymill
