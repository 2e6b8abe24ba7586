// Sinks: the process is killed (signal 9) at every point of an attempt. Afterwards the day is
// committed as a whole or not at all, and the next attempt goes through.
#include <unistd.h>
#include <csignal>
#include <thread>

#include "certify/check.hpp"
#include "certify/sink_attempt.hpp"
#include "plugin/isolated_call.hpp"

namespace daymill {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLimit{60};
constexpr int kInsideCommit = 6;  // kills while the commit is under way

/// An attempt in a process of its own, which is killed on its way. `commit` decides what is done at
/// the commit.
IsolatedEnd killed_attempt(const Subject& subject, const Partition& day,
                           const StageOptions& options,
                           const std::function<void(Sink&, const StagedLoad&)>& commit) {
  return call_isolated(
      [&]() -> std::string {
        auto sink = bound_sink(subject);
        if (!sink.ok()) {
          return sink.status().to_string();
        }
        const auto staged = stage(subject, **sink, day, options);
        if (!staged.ok()) {
          return staged.status().to_string();
        }
        commit(**sink, *staged);
        return "it was not killed";
      },
      kLimit);
}

void kill_self() {
  kill(getpid(), SIGKILL);
}

/// Whole or not at all, and `must` says which when that is certain.
Status check_after_kill(const Subject& subject, const Partition& day, const Evidence& before,
                        const std::string& run_id, const std::string& where,
                        std::optional<bool> must) {
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  DAYMILL_ASSIGN(const Evidence after, sink->receipts(day, /*settle=*/true));
  const bool committed = after.load && after.load->run_id == run_id;
  if (must && *must != committed) {
    return broken_promise("killed " + where + ": the day is " +
                          (committed ? "committed" : "not committed") + ", expected the opposite");
  }
  if (!committed) {
    return same_evidence(after, before, "killed " + where);
  }
  if (after.receipts.size() != before.receipts.size() + 1) {
    return broken_promise("killed " + where + ": the load is there and its receipt is not");
  }
  if (!after.difference.empty()) {
    return broken_promise("killed " + where +
                          ": the load is there, and the target differs: " + after.difference);
  }
  return target_holds_rows(subject, day);
}

struct Kill {
  std::string where;
  std::string point;  // before the commit; empty: at it
  std::optional<bool> committed;
  std::function<void(Sink&, const StagedLoad&)> commit = [](Sink&, const StagedLoad&) {};
};

std::vector<Kill> all_kills(std::chrono::microseconds commit_time) {
  std::vector<Kill> kills;
  for (const std::string& point : points_before_commit()) {
    kills.push_back({"after it had " + point, point, false});
  }
  for (int i = 0; i < kInsideCommit; ++i) {
    const auto delay = commit_time * i / (kInsideCommit - 1);
    kills.push_back({std::to_string(delay.count()) + " µs into the commit", "", std::nullopt,
                     [delay](Sink& sink, const StagedLoad& staged) {
                       std::thread([delay] {
                         std::this_thread::sleep_for(delay);
                         kill_self();
                       }).detach();
                       static_cast<void>(sink.commit(staged.load, staged.receipts).ok());
                       std::this_thread::sleep_for(kLimit);
                     }});
  }
  kills.push_back({"just after the commit", "", true, [](Sink& sink, const StagedLoad& staged) {
                     if (sink.commit(staged.load, staged.receipts).ok()) {
                       kill_self();
                     }
                   }});
  return kills;
}

Result<std::chrono::microseconds> time_of_commit(const Subject& subject, const Partition& day) {
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  DAYMILL_ASSIGN(const StagedLoad staged, stage(subject, *sink, day));
  const auto start = Clock::now();
  DAYMILL_TRY(sink->commit(staged.load, staged.receipts));
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

CheckResult killed(const Subject& subject) {
  const Partition day = day_of(subject, 10);
  DAYMILL_ASSIGN(const auto commit_time, time_of_commit(subject, day));
  for (const Kill& kill : all_kills(commit_time)) {
    Evidence before;
    {
      DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
      DAYMILL_ASSIGN(before, sink->receipts(day, true));
    }
    StageOptions options;
    options.run_id = "killed-" + std::to_string(before.epoch);
    options.at = [&kill](const char* point) {
      if (kill.point == point) {
        kill_self();
      }
    };
    const IsolatedEnd end = killed_attempt(subject, day, options, kill.commit);
    if (end.signal != SIGKILL) {
      return broken_promise("the attempt that was to be killed " + kill.where + " answered " +
                            (end.returned ? end.answer : end.failure()));
    }
    DAYMILL_TRY(check_after_kill(subject, day, before, options.run_id, kill.where, kill.committed));
    DAYMILL_TRY(load_day(subject, day).status());
  }
  return {};
}

/// Without receipts there is nothing to be asked: the next attempt must go through.
CheckResult after_kill(const Subject& subject) {
  const Partition day = day_of(subject, 11);
  for (const std::string& where : points_before_commit()) {
    StageOptions options;
    options.at = [&where](const char* point) {
      if (where == point) {
        kill_self();
      }
    };
    const IsolatedEnd end = killed_attempt(subject, day, options, [](Sink&, const StagedLoad&) {});
    if (end.signal != SIGKILL) {
      return broken_promise("the attempt that was to be killed after it had " + where +
                            " answered " + (end.returned ? end.answer : end.failure()));
    }
    DAYMILL_TRY(load_day(subject, day).status());
  }
  return {};
}

}  // namespace

std::vector<Check> sink_crash_checks() {
  return {{"sink.goes_on", "killed before the commit, the next attempt goes through",
           Needs::settings, 0, after_kill},
          {"sink.killed", "killed at every point: the day is there as a whole or not at all",
           Needs::settings, DAYMILL_SINK_RECEIPTS, killed}};
}

}  // namespace daymill
