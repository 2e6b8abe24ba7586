// The run journal, state.db: what was tried when and how it ended. For people, `status`, `show` and
// scheduling; never for deciding what was loaded or removed (that is the evidence's), so deleting
// the file loses history and nothing else.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daymill/status.hpp"
#include "observe/run_report.hpp"
#include "sqlite/database.hpp"

namespace daymill {

struct JournalRun {
  std::string run_id;
  std::string kind;
  std::string pipeline;
  std::string partition;
  std::string state;
  std::string started_at;
  std::string finished_at;  ///< empty: still running, or the process died
  std::int64_t attempts = 0;
  std::string error_code;  ///< of the first cause
  std::string error_message;
  std::string report_json;  ///< to_json(RunReport), empty while running
};

struct JournalStep {
  std::int64_t attempt = 0;
  std::string state;
  std::string at;
  std::string detail;
};

/// One process, one thread at a time; several processes may share the file.
class RunJournal {
 public:
  /// Opens or creates. A file that is not a database is moved aside to <path>.damaged and a new one
  /// made.
  static Result<RunJournal> open(const std::filesystem::path& path);

  Status start_run(const RunReport& report);
  Status start_attempt(const std::string& run_id, std::int64_t attempt);
  Status step(const std::string& run_id, std::int64_t attempt, RunState state,
              const std::string& detail);
  /// An attempt failed; kept even when a later one succeeds.
  Status attempt_failed(const std::string& run_id, std::int64_t attempt, const Status& cause);
  /// Of runs that found nothing to do on a day only the newest is kept: a schedule makes one of each
  /// day each time.
  Status finish_run(const RunReport& report);

  /// Newest first.
  Result<std::vector<JournalRun>> runs(const std::string& pipeline, int limit);
  /// The newest run of each partition, newest partition first.
  Result<std::vector<JournalRun>> newest_by_partition(const std::string& pipeline, int limit);
  /// Runs of one partition, newest first.
  Result<std::vector<JournalRun>> runs_of(const std::string& pipeline, const std::string& partition,
                                          int limit);
  /// Adds a run that another journal had known. INVALID_ARGUMENT when its id is there.
  Status restore_run(const JournalRun& run);
  /// A run by its id or by a unique beginning of it.
  Result<std::optional<JournalRun>> find(const std::string& run_id);
  Result<std::vector<JournalStep>> steps(const std::string& run_id);

 private:
  explicit RunJournal(Database database) : database_(std::move(database)) {}
  Status forget_looks_before(const RunReport& report);
  Result<std::vector<JournalRun>> select(const std::string& sql,
                                         const std::vector<std::string>& texts, int limit);

  Database database_;
};

}  // namespace daymill
