// What a run did, for people and for programs: printed at its end, kept in the run journal.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "daymill/status.hpp"
#include "observe/log.hpp"

namespace daymill {

/// Where an attempt on a partition stands or ended.
enum class RunState {
  pending = 1,
  reading,
  snapshotted,
  loading,
  committed,
  removing,
  done,
  empty,             ///< the source holds nothing and nothing was ever loaded
  retry_wait,        ///< not finished, nothing lost: run it again
  fenced,            ///< another attempt took over
  too_many_rejects,  ///< over the budget: nothing loaded, nothing removed
  needs_decision,
  data_loss_suspected,
  failed,
  cancelled,
};

const char* run_state_name(RunState state);  // "DONE"

struct PhaseReport {
  std::string phase;
  std::int64_t rows = 0;
  double seconds = 0;
};

struct SplitReport {
  std::string split;
  std::string location;
  std::int64_t generation = 0;
  std::int64_t rows = 0;
  std::string fingerprint;
  std::string snapshot;
  std::string outcome;  ///< "loaded", "loaded and removed", "unchanged", ...
};

struct RunReport {
  std::string run_id;
  std::string kind;  ///< "run", "replay" or "decide"
  std::string pipeline;
  std::string partition;
  RunState state = RunState::pending;
  Status failure;  ///< the first cause
  std::string started_at;
  std::string finished_at;
  std::int64_t epoch = 0;     ///< of the load; 0: nothing was loaded
  bool wrote_nothing = true;  ///< neither source nor sink was written to
  bool rehearsed = false;     ///< staged and compared only; not in the journal
  std::int64_t rows_read = 0;
  std::int64_t rows_merged = 0;  ///< by combine: rows that went into another row of the same key
  std::int64_t rows_filtered = 0;
  std::int64_t rows_out = 0;
  std::int64_t rejected = 0;
  std::map<std::string, std::int64_t> reject_reasons;
  std::vector<Sum> sums_read;  ///< rejected ones included
  std::vector<Sum> sums_rejected;
  std::vector<Sum> sums_out;
  std::vector<PhaseReport> phases;
  std::vector<SplitReport> splits;
  std::vector<std::string> warnings;
  std::string target;                       ///< identity of the sink
  std::optional<Difference> difference;     ///< when the target was compared before a commit
  std::vector<OperatorDecision> decisions;  ///< that this run carried out

  [[nodiscard]] int exit_code() const;
};

/// The report without any secret that `log` hides: to be applied before it is printed or kept.
RunReport redacted(RunReport report, const Log& log);

nlohmann::ordered_json to_json(const RunReport& report);
/// Several lines, the last one ends in a newline.
std::string to_text(const RunReport& report);

/// What a commit changes, for people: counts, each measure before and after, examples.
std::string to_text(const Difference& difference);
nlohmann::ordered_json to_json(const Difference& difference);

/// {"code", "message", "where", "next"}
nlohmann::ordered_json to_json(const Status& status);

/// 1234567 → "1,234,567"
std::string grouped(std::int64_t number);

}  // namespace daymill
