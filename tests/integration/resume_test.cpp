// The morning after: days that failed, days that are missing, a lost journal, several days at once.
#include <fstream>

#include "ad_pipeline.hpp"
#include "support/free_port.hpp"

namespace daymill::integration {
namespace {

class Resume : public AdPipelineTest {
 protected:
  Resume() {
    for (std::size_t i = 0; i < days.size(); ++i) {
      const auto increments = day_of_increments(40, i + 1);
      record(increments, days[i]);
      counts[days[i]].add(increments);
    }
  }
  /// The pipeline with a target that cannot be reached.
  std::string unreachable() const {
    auto broken = pipeline;
    broken["sink"]["config"]["port"] = support::free_port();
    return write_pipeline(broken);
  }
  void expect_all_done() const {
    for (const auto& [day, expected] : counts)
      EXPECT_EQ(table_differs_from(expected, day), "") << day;
    EXPECT_EQ(redis_keys(), records_of(days));
  }
  void lose_journal() const { std::filesystem::remove(folder / "home/state.db"); }
  void stop_removals() const { redis().command({"CONFIG", "SET", "maxmemory", "1"}); }
  void allow_removals() const { redis().command({"CONFIG", "SET", "maxmemory", "0"}); }
  nlohmann::json result_of(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--output", "json"});
    const auto result = daymill(std::move(arguments));
    return nlohmann::json::parse(result.standard_output)["result"];
  }

  const std::vector<std::string> days = {"2024-11-20", "2024-11-21", "2024-11-22"};
  std::map<std::string, AdCounts> counts;
};

TEST_F(Resume, FinishesEverythingThatFailed) {
  EXPECT_TRUE(exited(daymill({"run", unreachable(), "--from", days[0], "--to", days[2]}), 3));
  const auto resumed = daymill({"resume", write_pipeline()});
  EXPECT_TRUE(exited(resumed, 0));
  EXPECT_TRUE(says(resumed.standard_error, {"3 days, all done", "its last run ended RETRY_WAIT"}));
  expect_all_done();
  const auto again = daymill({"resume", write_pipeline()});
  EXPECT_TRUE(exited(again, 0));
  EXPECT_TRUE(says(again.standard_error, {"nothing unfinished"}));
}

TEST_F(Resume, WaitsForAServerOnceAndNotForEachDay) {
  pipeline["retry"]["attempts"] = 3;
  const auto end = daymill({"run", unreachable(), "--from", days[0], "--to", days[2]});
  EXPECT_TRUE(exited(end, 3));
  EXPECT_TRUE(says(end.standard_error, {"3 days, not done"}));
  std::vector<int> attempts;
  const auto status = result_of({"status", "--runs"});
  for (const auto& run : status["runs"])  // newest first
    attempts.insert(attempts.begin(), run["attempts"].get<int>());
  EXPECT_EQ(attempts, (std::vector<int>{3, 1, 1}));
  EXPECT_TRUE(exited(daymill({"resume", write_pipeline()}), 0));
  expect_all_done();
}

TEST_F(Resume, FindsDaysThatAreNotRemovedWithoutTheJournal) {
  stop_removals();
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--from", days[0], "--to", days[2]}), 3));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.receipt WHERE removed_at IS NULL"), 6);
  lose_journal();
  allow_removals();
  const auto listed = daymill({"resume", write_pipeline(), "--dry-run"});
  EXPECT_TRUE(says(listed.standard_output, {"2024-11-20: clicklog_keys:20241120 is loaded and not "
                                            "yet removed",
                                            "2024-11-22"}));
  EXPECT_TRUE(exited(daymill({"resume", write_pipeline()}), 0));
  expect_all_done();
}

TEST_F(Resume, WithoutNamesAllPipelinesOfTheFolder) {
  std::filesystem::create_directory(folder / "pipelines");
  EXPECT_TRUE(exited(daymill({"run", unreachable(), "--date", days[1]}), 3));
  std::ofstream(folder / "pipelines/ad_ctr.json") << pipeline.dump();
  std::ofstream(folder / "pipelines/broken.json") << "{";
  const auto resumed = daymill({"resume"});
  EXPECT_TRUE(exited(resumed, 2)) << "one pipeline could not be read";
  EXPECT_TRUE(says(resumed.standard_error, {"broken.json"}));
  EXPECT_EQ(table_differs_from(counts.at(days[1]), days[1]), "");
}

TEST_F(Resume, RunFailedTakesOnlyFailedDays) {
  EXPECT_TRUE(exited(daymill({"run", unreachable(), "--date", days[1]}), 3));
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--failed"}), 0));
  EXPECT_EQ(table_differs_from(counts.at(days[1]), days[1]), "");
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 1);
}

TEST_F(Resume, RunMissingTakesOnlyDaysWithoutALoad) {
  EXPECT_TRUE(exited(run_day(days[1]), 0));
  const auto runs = result_of({"run", write_pipeline(), "--missing", "--from", days[0], "--to",
                               days[2], "--reverse"})["runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]["partition"], days[2]);
  EXPECT_EQ(runs[1]["partition"], days[0]);
  expect_all_done();
}

TEST_F(Resume, RunAllClosedTakesWhatTheSourceHolds) {
  record({{Event::click, {1, "tomorrow"}, 1}}, "2999-01-01");
  EXPECT_EQ(result_of({"run", write_pipeline(), "--all-closed"})["runs"].size(), 3u);
  for (const auto& [day, expected] : counts)
    EXPECT_EQ(table_differs_from(expected, day), "") << day;
}

TEST_F(Resume, SelectionsExcludeOneAnother) {
  const std::string file = write_pipeline();
  EXPECT_TRUE(exited(daymill({"run", file, "--failed", "--all-closed"}), 2));
  EXPECT_TRUE(exited(daymill({"run", file, "--all-closed", "--date", days[0]}), 2));
  EXPECT_TRUE(exited(daymill({"run", file, "--missing"}), 2));
  EXPECT_TRUE(exited(daymill({"run", file, "--date", days[0], "--jobs", "0"}), 2));
}

TEST_F(Resume, SeveralDaysAtOnceAndOneThatFails) {
  redis().command({"DEL", "clicklog_keys:20241121"});
  redis().command({"SET", "clicklog_keys:20241121", "not a hash"});
  const auto result =
      daymill({"run", write_pipeline(), "--from", days[0], "--to", days[2], "--jobs", "3"});
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(result.standard_error,
                   {"3 days, not done:", "2024-11-21", "daymill why ad_ctr 2024-11-21"}));
  EXPECT_EQ(table_differs_from(counts.at(days[0]), days[0]), "");
  EXPECT_EQ(table_differs_from(counts.at(days[2]), days[2]), "");
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load WHERE partition = '2024-11-21'"), 0);
}

TEST_F(Resume, JournalIsRebuiltFromTheEvidence) {
  EXPECT_TRUE(exited(run_day(days[0]), 0));
  stop_removals();
  EXPECT_TRUE(exited(run_day(days[1]), 3));
  allow_removals();
  lose_journal();
  const auto rebuilt = result_of({"state", "rebuild", write_pipeline()})["days"];
  ASSERT_EQ(rebuilt.size(), 2u);
  EXPECT_EQ(rebuilt[0]["state"], "DONE");
  EXPECT_EQ(rebuilt[1]["state"], "COMMITTED");
  const auto status = result_of({"status", "ad_ctr"})["runs"];
  ASSERT_EQ(status.size(), 2u);
  EXPECT_EQ(status[0]["partition"], days[1]);
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--failed"}), 0));
  EXPECT_EQ(table_differs_from(counts.at(days[1]), days[1]), "");
  EXPECT_EQ(number("SELECT count(*) FROM daymill.receipt WHERE removed_at IS NULL"), 0);
}

TEST_F(Resume, WhyTellsTheFirstCauseWhatIsSafeAndWhatToType) {
  const std::string broken = unreachable();
  EXPECT_TRUE(exited(daymill({"run", broken, "--date", days[0]}), 3));
  const auto down = daymill({"why", broken, days[0]});
  EXPECT_TRUE(exited(down, 0));
  EXPECT_TRUE(says(down.standard_output,
                   {"2024-11-20: not finished, RETRY_WAIT", "First cause", "UNAVAILABLE",
                    "cannot be looked at", "running the day again is safe", "daymill run "}));
  const auto up = daymill({"why", write_pipeline(), "--date", days[0]});
  EXPECT_TRUE(says(up.standard_output, {"the target holds no load of the day",
                                        "key clicklog_keys:20241120: in the source, 40 rows",
                                        "the source still holds the day"}));
  EXPECT_TRUE(exited(run_day(days[0]), 0));
  const auto done = daymill({"why", write_pipeline(), days[0]});
  EXPECT_TRUE(says(done.standard_output, {"2024-11-20: done", "the target holds just that"}));
  EXPECT_EQ(done.standard_output.find("First cause"), std::string::npos);
}

TEST_F(Resume, PruneKeepsWhatIsNeeded) {
  EXPECT_TRUE(exited(run_day(days[0]), 0));
  stop_removals();
  EXPECT_TRUE(exited(run_day(days[1]), 3));
  allow_removals();
  const std::string file = write_pipeline();
  const auto young = daymill({"snapshots", "prune", file});
  EXPECT_TRUE(exited(young, 0));
  EXPECT_TRUE(says(young.standard_output, {"kept: removed 2", "kept: not yet removed"}));
  postgres().exec(
      "UPDATE daymill.receipt SET removed_at = now() - interval '36 days' WHERE "
      "partition = '2024-11-20'",
      database);
  record({{Event::click, {1, "late"}, 1}}, days[0]);
  EXPECT_TRUE(says(daymill({"snapshots", "prune", file}).standard_output,
                   {"kept: the day is open: clicklog_keys:20241120: late data"}));
  EXPECT_TRUE(exited(run_day(days[0]), 0));
  postgres().exec(
      "UPDATE daymill.receipt SET removed_at = now() - interval '36 days' WHERE "
      "partition = '2024-11-20' AND generation = 1",
      database);
  EXPECT_TRUE(says(daymill({"snapshots", "prune", file, "--dry-run"}).standard_output,
                   {"would be deleted"}));
  EXPECT_TRUE(says(daymill({"snapshots", "prune", file}).standard_output, {"deleted"}));
  EXPECT_EQ(result_of({"snapshots", "list", "ad_ctr", "--date", days[0]})["snapshots"].size(), 1u)
      << "generation 2 is young";
  EXPECT_EQ(result_of({"snapshots", "list", "ad_ctr", "--date", days[1]})["snapshots"].size(), 2u);
}

}  // namespace
}  // namespace daymill::integration
