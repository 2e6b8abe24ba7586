#include "cli/scheduler.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ctime>
#include <limits>
#include <utility>

#include "observe/run_report.hpp"
#include "observe/time_text.hpp"
#include "run/cancellation.hpp"

namespace daymill {

namespace {

using namespace std::chrono_literals;

/// How often files and the system's clock are looked at: somebody may have changed either.
constexpr std::chrono::seconds kLookAgain = 30s;

/// While it lives, the signals that the scheduler waits for arrive nowhere else.
class WaitedSignals {
 public:
  WaitedSignals() {
    std::signal(SIGCHLD, SIG_DFL);  // where it is ignored children leave no exit code
    sigemptyset(&signals_);
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) {
      sigaddset(&signals_, signal);
    }
    ::sigprocmask(SIG_BLOCK, &signals_, &before_);
  }
  ~WaitedSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  WaitedSignals(const WaitedSignals&) = delete;
  WaitedSignals& operator=(const WaitedSignals&) = delete;

  /// The signal that came, 0 when none did.
  [[nodiscard]] int wait(std::chrono::nanoseconds at_most) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
    const timespec timeout{seconds.count(), (at_most - seconds).count()};
    const int signal = ::sigtimedwait(&signals_, nullptr, &timeout);
    return signal > 0 ? signal : 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

/// How it ended, and what to type.
std::string end_text(const ScheduledPipeline& pipeline, const ProcessEnd& end) {
  if (end.signal != 0) {
    return "was ended by signal " + std::to_string(end.signal) + " (" + ::strsignal(end.signal) +
           "); nothing is lost";
  }
  const std::string text = "ended with exit code " + std::to_string(end.exit_code);
  switch (end.exit_code) {
    case ChildProcess::kExitNotStarted:
      return text + ": the program is not where it was: " + ChildProcess::program();
    case 2:
      return text + "; daymill validate " + pipeline.file;
    default:
      return text + "; daymill status " + pipeline.name;
  }
}

}  // namespace

Scheduler::Scheduler(Session& session, std::vector<std::string> named,
                     std::vector<std::string> options, int jobs)
    : session_(session),
      named_(std::move(named)),
      options_(std::move(options)),
      jobs_(static_cast<std::size_t>(std::max(1, jobs))) {}

void Scheduler::run() {
  const WaitedSignals signals;
  is_stopping_ = cancellation::requested();  // by a signal before these were waited for
  while (!is_stopping_ || num_children() > 0) {
    if (!is_stopping_) {
      read_pipelines();
      start_what_is_due();
    }
    const int signal = signals.wait(time_to_wait());
    collect_ended();
    if (signal == SIGINT || signal == SIGTERM) {
      stop(signal);
    }
  }
}

void Scheduler::stop(int signal) {
  is_stopping_ = true;
  session_.log().write(LogLevel::info, "schedule", "asked to stop");
  for (const Work& work : works_) {
    if (work.child) {
      log(LogLevel::info, work, "the run is asked to stop, and waited for");
      work.child->send_signal(signal);
      work.child->send_signal(SIGCONT);  // one that is stopped cannot end
    }
  }
}

void Scheduler::read_pipelines() {
  auto pipelines = scheduled_pipelines(session_, named_);
  const std::string problem = pipelines.ok() ? "" : pipelines.status().to_string();
  if (std::exchange(problem_, problem) != problem && !problem.empty()) {
    session_.log().write(LogLevel::error, "schedule", problem);
  }
  std::vector<Work> listed;
  for (ScheduledPipeline& pipeline :
       pipelines.ok() ? *pipelines : std::vector<ScheduledPipeline>{}) {
    listed.push_back(work_of(std::move(pipeline)));
  }
  for (Work& work : works_) {  // what is left of them
    if (work.child) {
      work.pipeline.timetable.reset();
      listed.push_back(std::move(work));
    } else {
      log(LogLevel::info, work, "is not scheduled any more");
    }
  }
  works_ = std::move(listed);
}

/// With what is known of it from before; says what is new.
Scheduler::Work Scheduler::work_of(ScheduledPipeline pipeline) {
  Work work;
  const auto known = std::find_if(works_.begin(), works_.end(), [&](const Work& one) {
    return one.pipeline.file == pipeline.file;
  });
  if (known != works_.end()) {
    work = std::move(*known);
    works_.erase(known);
  }
  const std::string before = std::exchange(work.description, pipeline.description());
  if (pipeline.name.empty()) {  // what is broken now had a name before
    pipeline.name = work.pipeline.name;
  }
  work.pipeline = std::move(pipeline);
  if (work.description != before) {
    const bool is_usable = work.pipeline.timetable.has_value();
    log(is_usable ? LogLevel::info : LogLevel::error, work,
        work.description + (is_usable ? next_time(work) : "; not run until that is corrected"));
  }
  return work;
}

/// Pipelines that are due at the same time go in the order in which they are listed.
void Scheduler::start_what_is_due() {
  for (Work& work : works_) {
    if (num_children() < jobs_ && work.can_start() &&
        work.trigger.due(*work.pipeline.timetable, current_instant()) <= current_instant()) {
      start(work);
    }
  }
}

void Scheduler::start(Work& work) {
  std::vector<std::string> arguments = {"run", work.pipeline.file, "--due"};
  arguments.insert(arguments.end(), options_.begin(), options_.end());
  const Timetable& times = *work.pipeline.timetable;
  log(LogLevel::info, work,
      "daymill run " + work.pipeline.file + " --due, for " +
          times.zone().text(times.last_time(current_instant())));
  work.trigger.begin(times, current_instant());
  work.child_began = rfc3339_now();
  auto child = ChildProcess::start(arguments);
  if (child.ok()) {
    work.child = *child;
    return;
  }
  work.trigger.end(true, current_instant());
  log(LogLevel::error, work, child.status().to_string() + next_time(work));
}

void Scheduler::collect_ended() {
  for (Work& work : works_) {
    if (const auto end = work.child ? work.child->ended() : std::nullopt) {
      work.child.reset();
      note_end(work, *end);
    }
  }
}

void Scheduler::note_end(Work& work, const ProcessEnd& end) {
  const bool is_done = end.signal == 0 && end.exit_code == 0;
  work.trigger.end(!is_done && is_worth_trying_again(work, end), current_instant());
  if (is_done) {
    log(LogLevel::info, work, "done" + next_time(work));
  } else if (is_stopping_) {
    log(LogLevel::info, work, "stopped; nothing is lost");
  } else {
    log(LogLevel::error, work, "the run " + end_text(work.pipeline, end) + next_time(work));
  }
}

/// What another attempt may get done without anybody's help. A day that needs a decision or has too
/// many rejects waits for the next time like all others.
bool Scheduler::is_worth_trying_again(const Work& work, const ProcessEnd& end) {
  if (end.signal != 0 || end.exit_code != exit_code(Code::needs_decision)) {
    return true;
  }
  auto journal = session_.journal();
  const auto runs = journal.ok() ? journal->newest_by_partition(work.pipeline.name,
                                                                std::numeric_limits<int>::max())
                                 : journal.status();
  return !runs.ok() || std::any_of(runs->begin(), runs->end(), [&](const JournalRun& run) {
    return run.started_at >= work.child_began &&
           (run.finished_at.empty() || run.state == run_state_name(RunState::retry_wait) ||
            run.state == run_state_name(RunState::fenced));
  });
}

std::chrono::nanoseconds Scheduler::time_to_wait() const {
  std::chrono::nanoseconds wait = kLookAgain;
  for (const Work& work : works_) {
    if (work.can_start() && num_children() < jobs_) {
      const Instant due = work.trigger.due(*work.pipeline.timetable, current_instant());
      wait = std::min<std::chrono::nanoseconds>(wait, due - std::chrono::system_clock::now());
    }
  }
  return std::max<std::chrono::nanoseconds>(wait, 0ns);
}

std::size_t Scheduler::num_children() const {
  return static_cast<std::size_t>(std::count_if(
      works_.begin(), works_.end(), [](const Work& work) { return work.child.has_value(); }));
}

/// "; next 2026-12-01T00:30:00+09:00", or when it is tried again if that is sooner.
std::string Scheduler::next_time(const Work& work) const {
  if (is_stopping_ || !work.pipeline.timetable) {
    return "";
  }
  const Timetable& times = *work.pipeline.timetable;
  const Instant due = work.trigger.due(times, current_instant());
  if (due <= current_instant()) {
    return "; at once for " + times.zone().text(due);
  }
  return (due < times.next_time(current_instant()) ? "; again " : "; next ") +
         times.zone().text(due);
}

void Scheduler::log(LogLevel level, const Work& work, const std::string& message) {
  session_.log().write(
      level, "schedule",
      (work.pipeline.name.empty() ? work.pipeline.file : work.pipeline.name) + ": " + message);
}

}  // namespace daymill
