// AttemptRun: reading what is missing, and whether it may be loaded meanwhile.
#include <algorithm>
#include <chrono>

#include "run/attempt_run.hpp"
#include "run/commit.hpp"
#include "schedule/duration.hpp"

namespace daymill {

Status AttemptRun::extract_missing() {
  std::vector<ExtractTask> tasks;
  std::int64_t expected_rows = 0;
  bool any_present = false;
  for (const PlannedSplit& planned : plan_.splits) {
    const bool reads =
        planned.decision.action == Action::extract || planned.decision.action == Action::compare;
    any_present |= planned.split.present;
    if (reads && reading_of(planned.split.id, planned.decision.generation) == nullptr) {
      tasks.push_back(ExtractTask{planned.split, planned.decision.generation});
      expected_rows += std::max<std::int64_t>(0, planned.split.estimated_rows);
    }
  }
  if (any_present) {
    warn_of_absent_splits();
  }
  if (tasks.empty()) {
    return {};
  }
  context_.step(RunState::reading, std::to_string(tasks.size()) + " splits");
  const ExtractSettings settings{context_.report.run_id,
                                 extractions_ == 0 ? "" : "-" + std::to_string(extractions_ + 1),
                                 context_.settings.threads};
  ++extractions_;
  std::int64_t rows = 0;
  {
    PhaseTimer phase(context_, "extract", expected_rows);
    if (may_load_early()) {
      early_ = begin_early_load(tasks);
    }
    DAYMILL_ASSIGN(std::vector<ExtractedSplit> extracted,
                   extract(pipeline_, context_.partition, tasks, context_.store, settings,
                           context_.observer, early_.get()));
    for (ExtractedSplit& reading : extracted) {
      rows += reading.snapshot.manifest.rows;
      context_.readings.push_back(std::move(reading));
    }
    phase.set_rows(rows);
  }
  for (const PlannedSplit& planned : plan_.splits) {
    const ExtractedSplit* reading = reading_of(planned.split.id, planned.decision.generation);
    if (reading != nullptr && !reading->confirmed) {
      warn_of_writes(planned);
    }
  }
  context_.step(RunState::snapshotted, std::to_string(rows) + " rows");
  if (early_ != nullptr && !early_->is_given_up()) {
    PhaseTimer phase(context_, "load", rows);
    early_->finish();
    phase.set_rows(rows);
  }
  return {};
}

/// Only a day's first load, of splits that are all read now: then what is read is all that will be
/// loaded.
bool AttemptRun::may_load_early() const {
  const Schema& schema = pipeline_.source_schema;
  const bool all_are_read =
      std::all_of(plan_.splits.begin(), plan_.splits.end(), [](const PlannedSplit& planned) {
        return planned.decision.action == Action::extract ||
               (planned.decision.action == Action::none && !planned.split.present);
      });
  return pipeline_.source_reads_in_order() && !schema.with_role(Role::key).empty() &&
         schema.with_role(Role::attribute).empty() && plan_.evidence.receipts.empty() &&
         !plan_.evidence.load.has_value() && all_are_read && context_.readings.empty() &&
         context_.settings.decision.choice == Choice::none;
}

std::unique_ptr<EarlyLoad> AttemptRun::begin_early_load(const std::vector<ExtractTask>& tasks) {
  std::vector<LoadInput> inputs;
  for (const ExtractTask& task : tasks) {
    inputs.push_back({task.split.id, task.generation, pipeline_.raw_schema});
  }
  return std::make_unique<EarlyLoad>(context_, *sink_, attempt_of(context_, epoch_),
                                     std::move(inputs));
}

/// Usual where a day lies in many hashes; of a measure's only one, the name may be wrong.
void AttemptRun::warn_of_absent_splits() {
  std::vector<std::string> absent;
  for (const PlannedSplit& planned : plan_.splits) {
    if (!planned.split.present && planned.receipts.empty() && planned.split.removals == 0) {
      absent.push_back(planned.split.location);
    }
  }
  constexpr std::size_t kFew = 2;
  for (std::size_t i = 0; i < absent.size() && absent.size() <= kFew; ++i) {
    warn(context_, absent[i] + " does not exist; its measure counts as 0");
  }
  if (absent.size() > kFew) {
    warn(context_, std::to_string(absent.size()) + " of " + std::to_string(plan_.splits.size()) +
                       " splits do not exist and count as 0: " + absent.front() + " to " +
                       absent.back());
  }
}

/// Nobody should write a day that is over. A producer that does writes into another day's key than
/// the pipeline reads: the usual cause is a time zone.
void AttemptRun::warn_of_writes(const PlannedSplit& planned) {
  if (!warned_of_.insert(planned.split.id).second) {
    return;
  }
  using std::chrono::floor;
  using std::chrono::seconds;
  const auto now = floor<seconds>(std::chrono::system_clock::now().time_since_epoch());
  const seconds since_end = now - seconds(context_.partition.end_us / 1'000'000);
  const std::string& zone = pipeline_.definition.partition.timezone;
  warn(context_, planned.split.location + " is still being written " + duration_text(since_end) +
                     " after the day " + context_.partition.label + " ended in " + zone +
                     ". Is that timezone the one that the producers name their days by?");
}

}  // namespace daymill
