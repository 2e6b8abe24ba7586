// The main job: counts recorded in Redis become one table with CTR, exactly once.
#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

using nlohmann::json;

class MainJob : public AdPipelineTest {
 protected:
  void expect_done(const json& report) const {
    EXPECT_EQ(report["exit_code"], 0);
    EXPECT_EQ(report["state"], "DONE") << report.dump(2);
    EXPECT_EQ(report["error"], nullptr);
  }
  void expect_conserved(const json& report, const AdCounts& counts) const {
    const Counts sums = counts.sums();
    for (const char* where : {"read", "out"}) {
      EXPECT_EQ(report["sums"][where]["clicks"], sums.clicks) << where;
      EXPECT_EQ(report["sums"][where]["impressions"], sums.impressions) << where;
    }
    EXPECT_EQ(report["rows"]["out"], counts.words().size());
    EXPECT_EQ(report["rows"]["read"], report["rows"]["out"].get<std::int64_t>() +
                                          report["rows"]["merged"].get<std::int64_t>());
    EXPECT_EQ(number("SELECT (sums->>'clicks')::bigint FROM daymill.load"), sums.clicks);
    EXPECT_EQ(number("SELECT (sums->>'impressions')::bigint FROM daymill.load"), sums.impressions);
  }
  AdCounts record_day(std::int64_t fields, const std::string& day = kDay) const {
    const auto increments = day_of_increments(fields);
    record(increments, day);
    AdCounts counts;
    counts.add(increments);
    return counts;
  }
};

class DayOfSize : public MainJob, public testing::WithParamInterface<std::int64_t> {};

TEST_P(DayOfSize, LandsRowByRowAndLeavesRedis) {
  const AdCounts counts = record_day(GetParam());
  const json report = run_report();
  expect_done(report);
  EXPECT_EQ(table_differs_from(counts), "");
  expect_conserved(report, counts);
  EXPECT_EQ(redis_keys(), records_of({kDay}));
}

// DAYMILL_TEST_LARGE=1 adds a day of a million fields in each hash.
std::vector<std::int64_t> sizes() {
  std::vector<std::int64_t> sizes = {1, 1'000, 200'000};
  if (const char* large = std::getenv("DAYMILL_TEST_LARGE"); large != nullptr && *large == '1')
    sizes.push_back(1'000'000);
  return sizes;
}
INSTANTIATE_TEST_SUITE_P(Fields, DayOfSize, testing::ValuesIn(sizes()),
                         testing::PrintToStringParamName());

TEST_F(MainJob, LoadsWhileItReadsHashesOfUnequalSize) {
  std::vector<Increment> increments = day_of_increments(20'000);
  for (std::int64_t ad = 1; ad <= 70'000; ++ad)
    increments.push_back({Event::impression, {ad, "seen only"}, ad % 9 + 1});
  record(increments);
  AdCounts counts;
  counts.add(increments);
  const auto end = daymill(
      {"run", write_pipeline(), "--date", kDay, "--log-level", "debug", "--output", "json"});
  EXPECT_TRUE(exited(end, 0));
  EXPECT_NE(end.standard_error.find("loading begins while the day is read"), std::string::npos);
  EXPECT_EQ(end.standard_error.find("is given up"), std::string::npos) << end.standard_error;
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis_keys(), records_of({kDay}));
  const std::string rows = table_checksum();
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(table_checksum(), rows) << "from the snapshots";
}

TEST_F(MainJob, DayWithoutAnyFieldIsEmptyAndWritesNothing) {
  EXPECT_TRUE(exited(run_day(), 0));  // the first run may create the evidence's tables
  postgres().exec("VACUUM", database);
  const auto before = write_counters(redis(), postgres(), database);
  const json report = run_report();
  EXPECT_EQ(report["state"], "EMPTY");
  EXPECT_EQ(report["exit_code"], 0);
  EXPECT_EQ(write_counters(redis(), postgres(), database), before);
  EXPECT_EQ(redis_keys(), std::vector<std::string>());
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 0);
}

TEST_F(MainJob, SecondRunWritesNothing) {
  const AdCounts counts = record_day(1'000);
  ASSERT_TRUE(exited(run_day(), 0));
  postgres().exec("VACUUM", database);
  const auto before = write_counters(redis(), postgres(), database);
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 0));
  EXPECT_TRUE(says(result.standard_output, {"DONE", "nothing to do"}));
  EXPECT_EQ(write_counters(redis(), postgres(), database), before);
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(MainJob, LosingTheJournalWritesNothing) {
  record_day(100);
  ASSERT_TRUE(exited(run_day(), 0));
  postgres().exec("VACUUM", database);
  const auto before = write_counters(redis(), postgres(), database);
  ASSERT_TRUE(std::filesystem::remove(folder / "home/state.db"));
  const json report = run_report();
  expect_done(report);
  EXPECT_TRUE(report["wrote_nothing"]);
  EXPECT_EQ(write_counters(redis(), postgres(), database), before);
}

TEST_F(MainJob, ReplayGivesIdenticalRows) {
  const AdCounts counts = record_day(1'000);
  ASSERT_TRUE(exited(run_day(), 0));
  const std::string checksum = table_checksum();
  EXPECT_TRUE(exited(replay_day(), 0));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 1) << "nothing differed: nothing to load";
  const auto before = write_counters(redis(), postgres(), database);
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(table_checksum(), checksum);
  EXPECT_NE(write_counters(redis(), postgres(), database), before) << "a load must be counted";
  EXPECT_EQ(number("SELECT max(epoch) FROM daymill.load"), 2);
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis_keys(), records_of({kDay}));
}

TEST_F(MainJob, ReplayBringsBackRowsThatSomebodyDeleted) {
  record_day(1'000);
  ASSERT_TRUE(exited(run_day(), 0));
  const std::string checksum = table_checksum();
  postgres().exec("DELETE FROM advertisement_analytics WHERE ad_id < 20", database);
  ASSERT_NE(table_checksum(), checksum);
  const auto run = run_day();
  EXPECT_TRUE(exited(run, 1));
  EXPECT_TRUE(says(run.standard_error, {"NEEDS_DECISION", "no longer holds", "daymill replay"}));
  EXPECT_TRUE(exited(replay_day(), 0));
  EXPECT_EQ(table_checksum(), checksum);
}

TEST_F(MainJob, PlainTableHoldsTheSame) {
  postgres().exec("DROP TABLE advertisement_analytics", database);
  postgres().exec(
      "CREATE TABLE advertisement_analytics (date date NOT NULL, ad_id bigint NOT NULL, "
      "search_word text COLLATE \"C\" NOT NULL, clicks bigint NOT NULL, impressions bigint NOT "
      "NULL, ctr double precision, PRIMARY KEY (date, ad_id, search_word))",
      database);
  const AdCounts counts = record_day(1'000);
  const AdCounts other_day = record_day(10, "2024-11-21");
  EXPECT_TRUE(exited(run_day("2024-11-21"), 0));
  expect_done(run_report());
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(table_differs_from(other_day, "2024-11-21"), "");
  const std::string checksum = table_checksum();
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(table_checksum(), checksum);
  EXPECT_EQ(redis_keys(), records_of({"2024-11-21", kDay}));
}

TEST_F(MainJob, CreatesTheTableWhenAskedTo) {
  postgres().exec("DROP TABLE advertisement_analytics", database);
  pipeline["sink"]["config"]["create"] = true;
  const AdCounts counts = record_day(100);
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(MainJob, SourceThatIsKeptIsLoadedOnceAndFollowed) {
  pipeline["source"]["config"]["remove"] = "never";
  AdCounts counts = record_day(100);
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis_keys(),
            (std::vector{key_of(Event::click, kDay), key_of(Event::impression, kDay)}));
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 1);
  const std::vector<Increment> more = {{Event::click, {7, "new"}, 3}};
  record(more);
  counts.add(more);
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(MainJob, DayThatFailsDoesNotStopTheOthers) {
  const AdCounts first = record_day(50, "2024-11-20");
  const AdCounts last = record_day(60, "2024-11-22");
  redis().command({"SET", key_of(Event::click, "2024-11-21"), "not a hash"});
  const auto result =
      daymill({"run", write_pipeline(), "--from", "2024-11-20", "--to", "2024-11-22"});
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(result.standard_error, {"3 days, not done:", "ad_ctr 2024-11-21  FAILED"}));
  EXPECT_EQ(table_differs_from(first, "2024-11-20"), "");
  EXPECT_EQ(table_differs_from(last, "2024-11-22"), "");
  EXPECT_EQ(redis().command({"GET", key_of(Event::click, "2024-11-21")}), "not a hash");
  const auto status = daymill({"status", "ad_ctr"});
  EXPECT_TRUE(
      says(status.standard_output, {"2024-11-20", "2024-11-21", "2024-11-22", "FAILED", "DONE"}));
}

TEST_F(MainJob, WhatAPlanSaysIsWhatARunDoes) {
  record_day(10);
  const auto plan = daymill({"plan", write_pipeline(), "--date", kDay});
  EXPECT_TRUE(exited(plan, 0));
  EXPECT_TRUE(says(plan.standard_output, {key_of(Event::click, kDay), "extract"}));
  EXPECT_EQ(number("SELECT count(*) FROM advertisement_analytics"), 0);
  EXPECT_TRUE(exited(run_day(), 0));
  const auto after = daymill({"plan", write_pipeline(), "--date", kDay});
  EXPECT_TRUE(exited(after, 0));
  EXPECT_EQ(after.standard_output.find("extract"), std::string::npos) << after.standard_output;
}

}  // namespace
}  // namespace daymill::integration
