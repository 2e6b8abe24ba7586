// daymill schedule, run --due and status --due: days that are due by the clock of the machine.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#include "ad_pipeline.hpp"
#include "support/free_port.hpp"
#include "support/silent_server.hpp"
#include "support/wait_until.hpp"

namespace daymill::integration {
namespace {

using std::chrono::seconds;
using support::Process;
using support::wait_until;

/// A zone in which it is about noon, so that no day ends while a test runs. The date there is that
/// of UTC.
std::string zone_at_noon(std::time_t now) {
  const std::time_t ahead = 12 - now / 3600 % 24;
  return ahead == 0 ? "UTC"
                    : (ahead > 0 ? "Etc/GMT-" : "Etc/GMT+") + std::to_string(std::abs(ahead));
}

class Schedule : public AdPipelineTest {
 protected:
  Schedule() {
    pipeline["partition"] = {
        {"every", "day"}, {"timezone", zone_at_noon(now)}, {"closed_after", "0m"}};
    pipeline["schedule"] = {{"cron", "0 1 * * *"}, {"catch_up", "2d"}};
    std::filesystem::create_directory(folder / "pipelines");
  }

  /// The day so many days before today.
  [[nodiscard]] std::string day(int ago, const char* format = "%F") const {
    const std::time_t noon = now - ago * 24 * 3600;
    char text[32];
    std::strftime(text, sizeof text, format, std::gmtime(&noon));
    return text;
  }
  void record_day(int ago) {
    const auto increments = day_of_increments(30, static_cast<std::uint64_t>(ago));
    record(increments, day(ago));
    counts[day(ago)].add(increments);
  }
  void expect_all_done() {
    std::vector<std::string> days;
    for (const auto& [date, expected] : counts) {
      EXPECT_EQ(table_differs_from(expected, date), "") << date;
      days.push_back(date);
    }
    EXPECT_EQ(redis_keys(), records_of(days));
  }
  void place(const std::string& file, const std::string& content) const {
    std::ofstream(folder / "pipelines" / file) << content;
  }
  [[nodiscard]] static bool says_in_time(Process& process, const std::string& text) {
    return wait_until([&] { return process.standard_error().find(text) != std::string::npos; });
  }
  /// SIGTERM is how it is meant to end.
  static void stop(Process& scheduler) {
    scheduler.send_signal(SIGTERM);
    const auto end = scheduler.wait(seconds(30));
    ASSERT_TRUE(end.has_value()) << scheduler.standard_error();
    EXPECT_TRUE(exited(*end, 0));
  }
  /// A scheduler with a run under way that goes on for as long as its source says nothing.
  [[nodiscard]] Process start_run_that_waits(const support::SilentServer& silent) const {
    auto waiting = pipeline;
    waiting["source"]["config"]["port"] = silent.port();
    Process scheduler(options({"schedule", write_pipeline(waiting)}));
    EXPECT_TRUE(wait_until([&] { return silent.was_asked(); })) << scheduler.standard_error();
    return scheduler;
  }
  /// Of the one run that a scheduler has started.
  static pid_t child_of(const Process& scheduler) {
    const std::string pid = std::to_string(scheduler.pid());
    pid_t child = 0;
    std::ifstream("/proc/" + pid + "/task/" + pid + "/children") >> child;
    return child;
  }

  const std::time_t now = std::time(nullptr);
  std::map<std::string, AdCounts> counts;
};

TEST_F(Schedule, MakesUpForWhatWasMissedAndGoesOn) {
  for (const int ago : {1, 2, 3})
    record_day(ago);
  place("ad_ctr.json", pipeline.dump());
  Process scheduler(options({"schedule"}));
  ASSERT_TRUE(says_in_time(scheduler, "ad_ctr: done; next " + day(-1) + "T01:00:00"))
      << scheduler.standard_error();
  expect_all_done();
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 3);
  stop(scheduler);
  EXPECT_TRUE(says(scheduler.standard_error(), {"daymill run pipelines/ad_ctr.json --due"}));
}

TEST_F(Schedule, LeavesOtherPipelinesAloneWithWhatIsWrong) {
  record_day(1);
  place("ad_ctr.json", pipeline.dump());
  place("broken.json", "{ \"name\": ");
  auto unscheduled = pipeline;
  unscheduled.erase("schedule");
  unscheduled["name"] = "by_hand";
  unscheduled["source"]["config"]["host"] = "${NOT_SET_IN_THIS_CONTAINER}";
  place("by_hand.json", unscheduled.dump());
  place("copy.json", pipeline.dump());
  Process scheduler(options({"schedule", "--jobs", "2"}));
  ASSERT_TRUE(says_in_time(scheduler, "ad_ctr: done; next")) << scheduler.standard_error();
  expect_all_done();
  EXPECT_TRUE(says(scheduler.standard_error(),
                   {"pipelines/broken.json: INVALID_CONFIG", "not run until that is corrected",
                    "the pipeline \"ad_ctr\" is also in pipelines/ad_ctr.json"}));
  EXPECT_EQ(scheduler.standard_error().find("by_hand"), std::string::npos);
  const auto health = daymill({"status", "--due"});
  EXPECT_TRUE(exited(health, 2)) << "a broken file is nothing healthy";

  auto corrected = pipeline;
  corrected["name"] = "broken";
  corrected["source"]["config"]["measures"] = {{"clicks", "other:{date}"},
                                               {"impressions", "more:{date}"}};
  corrected["sink"]["config"]["create"] = true;
  corrected["sink"]["config"]["table"] = "other";
  place("broken.json", corrected.dump());
  scheduler.send_signal(SIGCHLD);  // looks again, as it does every half minute
  EXPECT_TRUE(says_in_time(scheduler, "broken: done; next")) << scheduler.standard_error();
  stop(scheduler);
}

TEST_F(Schedule, TriesAgainWhatMayPass) {
  record_day(1);
  auto unreachable = pipeline;
  unreachable["sink"]["config"]["port"] = support::free_port();
  Process scheduler(options({"schedule", write_pipeline(unreachable)}));
  ASSERT_TRUE(says_in_time(scheduler, "the run ended with exit code 3"))
      << scheduler.standard_error();
  EXPECT_TRUE(says(scheduler.standard_error(), {"daymill status ad_ctr; again " + day(0) + "T1"}));
  const auto health = daymill({"status", write_pipeline(unreachable), "--due"});
  EXPECT_TRUE(exited(health, 1));
  EXPECT_TRUE(
      says(health.standard_output, {"its last run ended RETRY_WAIT", "due: 3 days; open: 3"}));
  stop(scheduler);
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--due"}), 0));
  expect_all_done();
  EXPECT_TRUE(exited(daymill({"status", write_pipeline(), "--due"}), 0));
}

TEST_F(Schedule, LeavesADecisionToPeople) {
  record_day(1);
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--due"}), 0));
  redis().command({"SET", "{clicklog_keys:" + day(1, "%Y%m%d") + "}:daymill", "nonsense"});
  Process scheduler(options({"schedule", write_pipeline()}));
  ASSERT_TRUE(says_in_time(scheduler, "the run ended with exit code 1"))
      << scheduler.standard_error();
  EXPECT_TRUE(says(scheduler.standard_error(), {"; next " + day(-1) + "T01:00:00"}));
  stop(scheduler);
}

TEST_F(Schedule, OutlivesARunThatIsKilled) {
  const support::SilentServer silent;
  Process scheduler = start_run_that_waits(silent);
  ::kill(child_of(scheduler), SIGKILL);
  EXPECT_TRUE(
      says_in_time(scheduler, "the run was ended by signal 9 (Killed); nothing is lost; again "))
      << scheduler.standard_error();
  stop(scheduler);
}

TEST_F(Schedule, StopsItsRunsBeforeItself) {
  const support::SilentServer silent;
  Process scheduler = start_run_that_waits(silent);
  const pid_t child = child_of(scheduler);
  ASSERT_GT(child, 0);
  stop(scheduler);
  EXPECT_NE(::kill(child, 0), 0) << "it runs on";
  EXPECT_TRUE(says(scheduler.standard_error(), {"the run is asked to stop, and waited for"}));
  EXPECT_TRUE(says(daymill({"status"}).standard_output, {"CANCELLED"}));
}

TEST_F(Schedule, StopsWheneverItIsAsked) {
  record_day(1);
  const std::string file = write_pipeline();
  for (int milliseconds = 0; milliseconds < 60; milliseconds += 4) {
    Process scheduler(options({"schedule", file}));
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));  // another moment each
    scheduler.send_signal(SIGTERM);
    EXPECT_TRUE(scheduler.wait(seconds(30)).has_value())
        << "runs on after a signal " << milliseconds << " ms after its start";
  }
  EXPECT_TRUE(exited(daymill({"run", file, "--due"}), 0));
  expect_all_done();
}

TEST_F(Schedule, TakesItsRunsWithItWhenItIsKilled) {
  const support::SilentServer silent;
  Process scheduler = start_run_that_waits(silent);
  const pid_t child = child_of(scheduler);
  ASSERT_GT(child, 0);
  scheduler.send_signal(SIGKILL);
  EXPECT_TRUE(wait_until([&] { return ::kill(child, 0) != 0; }));
}

TEST_F(Schedule, TwoOfThemDoNoHarm) {
  for (const int ago : {1, 2, 3})
    record_day(ago);
  const std::string file = write_pipeline();
  Process first(options({"schedule", file}));
  Process second(options({"schedule", file}));
  for (Process* one : {&first, &second})  // one of them may find itself FENCED
    EXPECT_TRUE(wait_until([&] {
      const std::string said = one->standard_error();
      return said.find("; next ") != std::string::npos ||
             said.find("; again ") != std::string::npos;
    })) << one->standard_error();
  expect_all_done();
  stop(first);
  stop(second);
}

TEST_F(Schedule, NamesDaysThatItDoesNotReach) {
  for (const int ago : {0, 1, 5, 9})
    record_day(ago);
  const auto end = daymill({"run", write_pipeline(), "--due"});
  EXPECT_TRUE(exited(end, 0));
  EXPECT_TRUE(says(end.standard_error,
                   {"ad_ctr: beyond the schedule's reach and held by the source: 2 days, " +
                        day(9) + " to " + day(5),
                    "--all-closed"}));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 1);
}

TEST_F(Schedule, DoesNotForgetAFailedDayThatIsOutOfReach) {
  auto unreachable = pipeline;
  unreachable["sink"]["config"]["port"] = support::free_port();
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(unreachable), "--date", day(8)}), 3));
  const auto end = daymill({"run", write_pipeline(), "--due"});
  EXPECT_TRUE(exited(end, 0));
  EXPECT_TRUE(says(end.standard_error,
                   {"beyond the schedule's reach and not done: 1 day, " + day(8) + "; daymill run ",
                    " --failed"}));
  const auto health = daymill({"status", write_pipeline(), "--due"});
  EXPECT_TRUE(exited(health, 1));
  EXPECT_TRUE(says(health.standard_output, {day(8), "open: 1"}));
}

/// A mounted ConfigMap: links to files in a hidden folder.
TEST_F(Schedule, LeavesHiddenFilesAlone) {
  std::filesystem::create_directory(folder / "pipelines/..2026_11_30");
  place("..2026_11_30/ad_ctr.json", pipeline.dump());
  std::filesystem::create_symlink("..2026_11_30/ad_ctr.json", folder / "pipelines/ad_ctr.json");
  const auto shown = daymill({"schedule", "--dry-run", "--output", "json"});
  EXPECT_TRUE(exited(shown, 0));
  const auto listed = nlohmann::json::parse(shown.standard_output)["result"]["pipelines"];
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0]["file"], "pipelines/ad_ctr.json");
}

TEST_F(Schedule, TakesTheFileThatIsCalledLikeThePipeline) {
  place("ad_ctr.json", pipeline.dump());
  place("ad_ctr-old.json", pipeline.dump());
  const auto shown = daymill({"schedule", "--dry-run"});
  EXPECT_TRUE(exited(shown, 2)) << "one of two is refused";
  EXPECT_TRUE(says(shown.standard_output, {"ad_ctr"}));
  EXPECT_TRUE(says(shown.standard_error,
                   {"pipelines/ad_ctr-old.json", "is also in pipelines/ad_ctr.json"}));
}

TEST_F(Schedule, GoesOnWhenAPipelineLosesItsScheduleOrItsFile) {
  auto two = pipeline;
  two["name"] = "two";
  const std::string one = write_pipeline();
  const std::string other = write_pipeline(two);
  Process scheduler(options({"schedule", one, other}));
  ASSERT_TRUE(says_in_time(scheduler, "two: done")) << scheduler.standard_error();
  two.erase("schedule");
  write_pipeline(two);
  scheduler.send_signal(SIGCHLD);
  EXPECT_TRUE(says_in_time(scheduler, "two: INVALID_ARGUMENT: the pipeline has no \"schedule\""));
  std::filesystem::remove(one);
  scheduler.send_signal(SIGCHLD);
  EXPECT_TRUE(says_in_time(scheduler, "ad_ctr: INVALID_ARGUMENT: there is no pipeline file"))
      << scheduler.standard_error();
  write_pipeline();
  scheduler.send_signal(SIGCHLD);
  EXPECT_TRUE(wait_until([&] {
    const std::string said = scheduler.standard_error();
    return said.rfind("ad_ctr: runs at") > said.find("there is no pipeline file");
  })) << scheduler.standard_error();
  stop(scheduler);
}

TEST_F(Schedule, DeletesSnapshotsThatAreOldEnough) {
  const auto snapshots = [&] {
    const auto listed = daymill({"snapshots", "list", write_pipeline(), "--output", "json"});
    return nlohmann::json::parse(listed.standard_output)["result"]["snapshots"].size();
  };
  record_day(1);
  record_day(2);
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--due"}), 0));
  query("UPDATE daymill.receipt SET removed_at = now() - interval '3 days' WHERE partition = '" +
        day(2) + "'");
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--due"}), 0));
  EXPECT_EQ(snapshots(), 4u) << "only where the pipeline asks for it";
  pipeline["snapshots"] = {{"keep", "2d"}};
  const auto end = daymill({"run", write_pipeline(), "--due"});
  EXPECT_TRUE(exited(end, 0));
  EXPECT_TRUE(says(end.standard_error, {"2 snapshots deleted that were kept for 2 days"}));
  EXPECT_EQ(snapshots(), 2u);
  EXPECT_TRUE(exited(daymill({"replay", write_pipeline(), "--date", day(1), "--force"}), 0));
  expect_all_done();
}

TEST_F(Schedule, ShowsItsTimes) {
  const auto shown = daymill({"schedule", write_pipeline(), "--dry-run", "--output", "json"});
  EXPECT_TRUE(exited(shown, 0));
  const auto one = nlohmann::json::parse(shown.standard_output)["result"]["pipelines"][0];
  EXPECT_EQ(one["pipeline"], "ad_ctr");
  EXPECT_EQ(one["last"].get<std::string>().substr(0, 19), day(0) + "T01:00:00");
  EXPECT_EQ(one["next"].get<std::string>().substr(0, 19), day(-1) + "T01:00:00");
  EXPECT_EQ(one["due"], nlohmann::json({day(3), day(2), day(1)}));
  EXPECT_FALSE(std::filesystem::exists(folder / "home/state.db")) << "it runs nothing";
}

TEST_F(Schedule, SaysWhatIsMissing) {
  EXPECT_TRUE(
      says(daymill({"schedule"}).standard_error, {"there are no pipeline files in ./pipelines"}));
  pipeline.erase("schedule");
  place("ad_ctr.json", pipeline.dump());
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"schedule"},
                                                    {"schedule", "ad_ctr"},
                                                    {"run", "ad_ctr", "--due"},
                                                    {"status", "--due"}}) {
    const auto end = daymill(arguments);
    EXPECT_TRUE(exited(end, 2));
    EXPECT_TRUE(says(end.standard_error, {"\"schedule\"", "\"cron\""}));
  }
  EXPECT_TRUE(says(daymill({"schedule", "ad_ct"}).standard_error, {"did you mean \"ad_ctr\""}));
  EXPECT_TRUE(exited(daymill({"run", "ad_ctr", "--due", "--date", day(1)}), 2));
  EXPECT_TRUE(exited(daymill({"run", "ad_ctr", "--due", "--missing"}), 2));
}

}  // namespace
}  // namespace daymill::integration
