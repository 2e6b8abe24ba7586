// Runs days of pipelines, one after the other or several at once, and says at the end which ones
// failed. A failing day does not stop the others.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "run/pending_days.hpp"

namespace daymill {

class DayBatch {
 public:
  /// `jobs`: days at once, each with a pipeline, journal and share of the memory of its own.
  DayBatch(Session& session, std::string command, RunSettings settings, int jobs = 1)
      : session_(session), command_(std::move(command)), settings_(settings), jobs_(jobs) {}

  /// In the order given. Days that were begun are in the reports whatever this returns. An error is
  /// one of the batch itself.
  Status run(BoundPipeline& pipeline, const std::vector<PendingDay>& days);
  /// A pipeline of the batch that could not even begin.
  void note_failure(const Status& failure);
  [[nodiscard]] const std::vector<RunReport>& reports() const { return reports_; }
  /// Prints the summary; the exit code that all failures share, otherwise 1.
  int finish();
  /// The same with another result than the runs, for --output json.
  int finish(const nlohmann::ordered_json& result);

 private:
  struct Worker;
  Status run_one(Worker& worker, const PendingDay& pending);
  void print(const RunReport& report);

  Session& session_;
  std::string command_;
  RunSettings settings_;
  int jobs_;
  std::mutex mutex_;  // guards what follows, and stdout
  std::vector<RunReport> reports_;
  std::vector<Status> failures_;
  std::size_t asked_ = 0;  ///< days
};

}  // namespace daymill
