// Runs pipelines at the times of their schedules, each run as a process of its own: what a plugin
// or a pipeline file does to it reaches neither the others nor the next night, and what runs is
// what a person would type: `daymill run P --due`. Nothing is stored: which days are due follows
// from the clock, what is left of them from the evidence.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/child_process.hpp"
#include "cli/scheduled_pipeline.hpp"
#include "cli/session.hpp"
#include "schedule/trigger.hpp"

namespace daymill {

class Scheduler {
 public:
  /// `named`: pipelines, or none for those of ./pipelines. `options`: given to each run as they
  /// are. `jobs`: pipelines at once.
  Scheduler(Session& session, std::vector<std::string> named, std::vector<std::string> options,
            int jobs);

  /// Until SIGINT or SIGTERM, which it passes on to the runs and waits for their ends.
  void run();

 private:
  struct Work {
    ScheduledPipeline pipeline;
    Trigger trigger;
    std::optional<ChildProcess> child;
    std::string child_began;  ///< RFC 3339
    std::string description;  ///< as it was logged last

    [[nodiscard]] bool can_start() const { return !child && pipeline.timetable.has_value(); }
  };

  void stop(int signal);
  void read_pipelines();
  Work work_of(ScheduledPipeline pipeline);
  void start_what_is_due();
  void start(Work& work);
  void collect_ended();
  void note_end(Work& work, const ProcessEnd& end);
  bool is_worth_trying_again(const Work& work, const ProcessEnd& end);
  [[nodiscard]] std::chrono::nanoseconds time_to_wait() const;
  [[nodiscard]] std::size_t num_children() const;
  [[nodiscard]] std::string next_time(const Work& work) const;
  void log(LogLevel level, const Work& work, const std::string& message);

  Session& session_;
  std::vector<std::string> named_;
  std::vector<std::string> options_;
  std::size_t jobs_;
  std::vector<Work> works_;  // in the order in which the pipelines are listed
  std::string problem_;      // of the list as a whole, as it was logged last
  bool is_stopping_ = false;
};

}  // namespace daymill
