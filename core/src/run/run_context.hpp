// What one run of one partition works with. Shared by its attempts; owned by partition_run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "observe/log.hpp"
#include "observe/progress.hpp"
#include "observe/run_report.hpp"
#include "plan/bound_pipeline.hpp"
#include "run/extract.hpp"
#include "run/operator_choice.hpp"
#include "snapshot/snapshot_store.hpp"

namespace daymill {

struct RunSettings {
  /// Bytes that combine may hold at once.
  std::size_t memory_limit = std::size_t{96} << 20;
  /// Splits that are read at once.
  int threads = 2;
  /// replay: load even when the target already holds the same.
  bool force = false;
  /// A result or a reading that is smaller than what is loaded may replace it.
  bool accept_decrease = false;
  /// Rows of the day that no load of daymill wrote may be replaced.
  bool replace_foreign = false;
  /// replay: the report gets what the target's rows would differ by.
  bool show_difference = false;
  /// replay: stage and compare, commit nothing.
  bool rehearse = false;
  /// Instead of as many as the pipeline says.
  bool one_attempt = false;
  /// Settles what would otherwise be NEEDS_DECISION.
  OperatorChoice decision;
};

struct RunContext {
  BoundPipeline& pipeline;
  const Partition& partition;
  const RunSettings& settings;
  const SnapshotStore& store;
  Log& log;
  RunObserver& observer;
  RunReport& report;
  /// Notes a step in the journal.
  std::function<void(RunState, const std::string& detail)> step;
  /// Snapshots read by this run that are not yet committed or not yet removed; with the readers
  /// that prove them.
  std::vector<ExtractedSplit> readings;
  /// The newest load's epoch when they were made; after another one they are worth nothing.
  std::int64_t readings_epoch = 0;
  /// Set together with an error whose state the code alone does not tell (TOO_MANY_REJECTS,
  /// DATA_LOSS_SUSPECTED).
  RunState failed_as = RunState::pending;
};

/// Measures the time of a phase and tells the observer.
class PhaseTimer {
 public:
  PhaseTimer(RunContext& context, std::string phase, std::int64_t expected_rows);
  ~PhaseTimer();
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;
  void set_rows(std::int64_t rows) { rows_ = rows; }

 private:
  RunContext& context_;
  std::string phase_;
  std::int64_t rows_ = 0;
  std::chrono::steady_clock::time_point started_;
};

void warn(RunContext& context, const std::string& text);

}  // namespace daymill
