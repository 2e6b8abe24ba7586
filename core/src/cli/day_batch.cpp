#include "cli/day_batch.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <thread>

#include "observe/progress.hpp"
#include "run/cancellation.hpp"

namespace daymill {

struct DayBatch::Worker {
  BoundPipeline& pipeline;
  SnapshotStore store;
  RunJournal journal;
  RunSettings settings;
  bool draws_progress = true;
  bool server_is_away = false;  // it was for the day before
};

Status DayBatch::run_one(Worker& worker, const PendingDay& pending) {
  const PipelineDefinition& definition = worker.pipeline.definition;
  DAYMILL_ASSIGN(const Partition partition, Session::partition(definition, pending.day));
  RunObserver silent;
  std::optional<ProgressBar> progress;
  if (worker.draws_progress) {
    progress.emplace(definition.name + " " + partition.label);
  }
  const RunTools tools{worker.store, worker.journal, session_.log(),
                       progress.has_value() ? *progress : silent};
  // What was waited for with one day need not be waited for again with each of the others.
  worker.settings.one_attempt = worker.server_is_away;
  const RunReport report =
      run_partition(pending.kind, worker.pipeline, partition, worker.settings, tools);
  worker.server_is_away = report.failure.code() == Code::unavailable;
  print(report);
  return {};
}

Status DayBatch::run(BoundPipeline& pipeline, const std::vector<PendingDay>& days) {
  asked_ += days.size();
  const auto num_workers = std::min(static_cast<std::size_t>(std::max(1, jobs_)), days.size());
  std::vector<BoundPipeline> others;  // components belong to one thread
  for (std::size_t i = 1; i < num_workers; ++i) {
    DAYMILL_ASSIGN(BoundPipeline other, session_.bind_again(pipeline));
    others.push_back(std::move(other));
  }
  RunSettings settings = settings_;
  settings.memory_limit /= std::max<std::size_t>(1, num_workers);
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < num_workers; ++i) {
    DAYMILL_ASSIGN(SnapshotStore store, session_.snapshots());
    DAYMILL_ASSIGN(RunJournal journal, session_.journal());
    workers.push_back(Worker{i == 0 ? pipeline : others[i - 1], std::move(store),
                             std::move(journal), settings, num_workers == 1});
  }
  std::atomic<std::size_t> next{0};
  const auto work = [&](Worker& worker) {
    for (std::size_t i = next++; i < days.size() && !cancellation::requested(); i = next++) {
      if (const Status status = run_one(worker, days[i]); !status.ok()) {
        note_failure(status);
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers.size(); ++i) {
      threads.emplace_back([&, i] { work(workers[i]); });
    }
    if (!workers.empty()) {
      work(workers.front());
    }
  }
  return {};
}

void DayBatch::note_failure(const Status& failure) {
  const std::lock_guard lock(mutex_);
  failures_.push_back(failure);
  if (session_.output() == OutputFormat::text) {
    std::fputs(session_.redact(error_text(failure)).c_str(), stderr);
  }
}

void DayBatch::print(const RunReport& report) {
  const std::lock_guard lock(mutex_);
  reports_.push_back(report);
  if (session_.output() != OutputFormat::text) {
    return;
  }
  std::fputs(session_.redact(to_text(report)).c_str(), stdout);
  std::fflush(stdout);
  if (!report.failure.ok()) {
    std::fputs(session_.redact(error_text(report.failure)).c_str(), stderr);
  }
}

int DayBatch::finish() {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const RunReport& report : reports_) {
    runs.push_back(to_json(report));
  }
  return finish({{"runs", runs}});
}

int DayBatch::finish(const nlohmann::ordered_json& result) {
  int code = 0;
  Status first_failure;
  std::string failed;
  const auto add = [&](int own, const Status& failure) {
    code = code == 0 || code == own ? own : 1;
    if (first_failure.ok()) {
      first_failure = failure.ok() ? Status(Code::internal, "not finished") : failure;
    }
  };
  for (const Status& failure : failures_) {
    add(exit_code(failure.code()), failure);
  }
  for (const RunReport& report : reports_) {
    if (report.exit_code() != 0) {
      add(report.exit_code(), report.failure);
      failed += "\n  " + report.pipeline + " " + report.partition + "  " +
                run_state_name(report.state) + "  daymill why " + report.pipeline + " " +
                report.partition;
    }
  }
  if (cancellation::requested()) {
    code = exit_code(Code::cancelled);
  }
  if (session_.output() == OutputFormat::json) {
    print_envelope(command_, result, session_.log().redact(first_failure));
  } else if (asked_ > 1) {
    const std::size_t left = asked_ - reports_.size();
    const std::string never = left == 0 ? "" : ", " + std::to_string(left) + " never begun";
    std::fprintf(stderr, "%zu days%s, %s\n", asked_, never.c_str(),
                 failed.empty() && left == 0 ? "all done"
                 : failed.empty()            ? "the others done"
                                             : ("not done:" + failed).c_str());
  }
  return code;
}

}  // namespace daymill
