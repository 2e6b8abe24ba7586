// Days that need a person: what is asked, what each answer does, and that it is kept who gave it.
#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

const std::string kClicks = "clicklog_keys:20241122";

class Decide : public AdPipelineTest {
 protected:
  Decide() {
    const std::vector<Increment> increments = {{Event::click, {7, "shoes"}, 5},
                                               {Event::click, {8, "hats"}, 2},
                                               {Event::impression, {7, "shoes"}, 40},
                                               {Event::impression, {8, "hats"}, 30}};
    record(increments);
    counts.add(increments);
  }
  void restore(const std::string& word, const std::string& clicks) const {
    redis().command({"HSET", kClicks, word, clicks});
  }
  void expect_asked(const std::vector<std::string>& parts) const {
    const auto result = run_day();
    EXPECT_TRUE(exited(result, 1));
    EXPECT_TRUE(says(result.standard_error, {"NEEDS_DECISION"}));
    EXPECT_TRUE(says(result.standard_error, parts));
  }
  [[nodiscard]] support::ProcessResult decide(const std::string& choice) const {
    return daymill({"decide", write_pipeline(), kDay, choice, "--reason", "asked the ad team"});
  }
  void expect_kept(const std::string& choice) const {
    const auto rows = query("SELECT choice, decided_by, reason, detail FROM daymill.decision");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0][0], choice);
    EXPECT_NE(rows[0][1].value().find('@'), std::string::npos);
    EXPECT_EQ(rows[0][2], "asked the ad team");
    EXPECT_NE(rows[0][3].value(), "");
    const auto why = daymill({"why", write_pipeline(), kDay});
    EXPECT_TRUE(says(why.standard_output, {"decided " + choice, "asked the ad team"}));
  }
  void exec(const std::string& sql) const { postgres().exec(sql, database); }

  AdCounts counts;
};

/// Loaded and removed, then Redis came back from an old file: the key without its record.
class RestoredRedis : public Decide {
 protected:
  RestoredRedis() {
    EXPECT_TRUE(exited(run_day(), 0));
    redis().command({"DEL", "{" + kClicks + "}:daymill"});
    restore("7:shoes", "3");
    expect_asked({"loaded clicks 7 in 2 rows, the source now holds clicks 3 in 1 rows"});
  }
};

TEST_F(RestoredRedis, AsksWithBothSums) {
  expect_asked({"loaded clicks 7 in 2 rows, the source now holds clicks 3 in 1 rows",
                "daymill decide", "--as-new", "--replace", "--discard", kClicks});
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis().command({"HLEN", kClicks}), "1");
}

TEST_F(RestoredRedis, AsNew) {
  EXPECT_TRUE(exited(decide("--as-new"), 0));
  counts.add({Event::click, {7, "shoes"}, 3});
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis_keys(), records_of({kDay}));
  expect_kept("as-new");
}

TEST_F(RestoredRedis, Replace) {
  EXPECT_TRUE(exited(decide("--replace"), 0));
  AdCounts replaced;
  replaced.add({{Event::click, {7, "shoes"}, 3},
                {Event::impression, {7, "shoes"}, 40},
                {Event::impression, {8, "hats"}, 30}});
  EXPECT_EQ(table_differs_from(replaced), "");
  EXPECT_EQ(redis_keys(), records_of({kDay}));
}

TEST_F(RestoredRedis, Discard) {
  const std::string checksum = table_checksum();
  EXPECT_TRUE(exited(decide("--discard"), 0));
  EXPECT_EQ(table_checksum(), checksum);
  EXPECT_EQ(redis_keys(), records_of({kDay}));
  expect_kept("discard");
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(table_checksum(), checksum);
}

TEST_F(RestoredRedis, DecidingTwiceAndWithoutNeedChangesNothing) {
  EXPECT_TRUE(exited(decide("--as-new"), 0));
  const std::string checksum = table_checksum();
  const auto again = decide("--discard");
  EXPECT_TRUE(exited(again, 0));
  EXPECT_TRUE(says(again.standard_error, {"needed no decision"}));
  EXPECT_TRUE(
      exited(daymill({"decide", write_pipeline(), "2999-01-01", "--discard", "--reason", "x"}), 2))
      << "the day is not over";
  EXPECT_TRUE(exited(daymill({"decide", write_pipeline(), kDay, "--discard", "--reason", " "}), 2));
  EXPECT_EQ(table_checksum(), checksum);
  EXPECT_EQ(number("SELECT count(*) FROM daymill.decision"), 1);
}

TEST_F(Decide, RecordThatCannotBeUnderstood) {
  redis().command({"SET", "{" + kClicks + "}:daymill", "nonsense"});
  expect_asked({"cannot be understood", "nonsense"});
  EXPECT_TRUE(exited(decide("--as-new"), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(Decide, RecordOlderThanTheReceipts) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(exited(run_day(), 0));
    record({{Event::click, {7, "shoes"}, 1}});
    counts.add({Event::click, {7, "shoes"}, 1});
  }
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
  redis().command(
      {"SET", "{" + kClicks + "}:daymill", "1 ad_ctr 2-0123456789abcdef0123456789abcdef"});
  restore("7:shoes", "6");
  expect_asked({"restored from an old backup", "the source now holds clicks 6"});
  EXPECT_TRUE(exited(decide("--discard"), 0));
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis_keys(), records_of({kDay}));
}

TEST_F(Decide, LateDataAfterItsSnapshotsAreGone) {
  EXPECT_TRUE(exited(run_day(), 0));
  std::filesystem::remove_all(folder / "home/snapshots");
  record({{Event::click, {7, "shoes"}, 1}});
  const std::string checksum = table_checksum();
  expect_asked({"a snapshot of what was loaded before is gone", "--discard"});
  EXPECT_EQ(redis().command({"HLEN", kClicks}), "1");
  EXPECT_TRUE(exited(decide("--discard"), 0));
  EXPECT_EQ(table_checksum(), checksum);
  EXPECT_EQ(redis_keys(), records_of({kDay}));
  EXPECT_TRUE(exited(run_day(), 0));
}

TEST_F(Decide, RowsThatSomethingElseLoaded) {
  exec(
      "CREATE TABLE advertisement_analytics_20241122 PARTITION OF advertisement_analytics FOR "
      "VALUES FROM ('2024-11-22') TO ('2024-11-23')");
  exec(
      "INSERT INTO advertisement_analytics (date, ad_id, search_word, clicks, impressions, ctr) "
      "VALUES ('2024-11-22', 7, 'shoes', 5, 40, 0.125), ('2024-11-22', 8, 'hats', 2, 31, 0.05)");
  expect_asked({"no load", "daymill adopt", "--replace"});
  const auto different =
      daymill({"adopt", write_pipeline(), kDay, "--reason", "asked the ad team"});
  EXPECT_TRUE(exited(different, 1));
  EXPECT_TRUE(says(different.standard_error, {"change 1"}));
  EXPECT_EQ(redis().command({"HLEN", kClicks}), "2");
  exec("UPDATE advertisement_analytics SET impressions = 30, ctr = 2.0 / 30 WHERE ad_id = 8");
  EXPECT_TRUE(
      exited(daymill({"adopt", write_pipeline(), kDay, "--reason", "asked the ad team"}), 0));
  expect_kept("adopt");
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(redis_keys(), records_of({kDay}));
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(Decide, RowsThatSomethingElseLoadedAreReplaced) {
  exec(
      "CREATE TABLE advertisement_analytics_20241122 PARTITION OF advertisement_analytics FOR "
      "VALUES FROM ('2024-11-22') TO ('2024-11-23')");
  exec(
      "INSERT INTO advertisement_analytics (date, ad_id, search_word, clicks, impressions, ctr) "
      "VALUES ('2024-11-22', 1, 'other', 1, 1, 1)");
  expect_asked({"no load"});
  EXPECT_TRUE(exited(decide("--replace"), 0));
  EXPECT_EQ(table_differs_from(counts), "");
  expect_kept("replace");
}

TEST_F(Decide, RowsCorrectedByHandAreAdopted) {
  EXPECT_TRUE(exited(run_day(), 0));
  exec("UPDATE advertisement_analytics SET clicks = 6 WHERE ad_id = 7");
  expect_asked({"no longer holds what was loaded", "daymill replay", "daymill adopt"});
  EXPECT_TRUE(
      exited(daymill({"adopt", write_pipeline(), kDay, "--reason", "asked the ad team"}), 0));
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(number("SELECT sum(clicks) FROM advertisement_analytics"), 8);
}

// The keys are gone for good, and the CTR was computed the wrong way round.
TEST_F(Decide, ReplayAfterAChangeOfTheTransformShowsTheDifferenceFirst) {
  auto right = pipeline;
  pipeline["transforms"][0]["config"] = {
      {"clicks", "impressions"}, {"impressions", "clicks"}, {"as", "ctr"}};
  EXPECT_TRUE(exited(run_day(), 0));
  redis().command({"FLUSHALL"});
  const std::string wrong = table_checksum();
  pipeline = right;
  const auto before = write_counters(redis(), postgres(), database);
  const auto shown = replay_day({"--diff"});
  EXPECT_TRUE(exited(shown, 0));
  EXPECT_TRUE(says(shown.standard_output, {"0 added, 2 changed, 0 removed", "clicks 7 → 7 (0)",
                                           "~ 7, shoes: ctr 8 → ", "0.125", "--apply"}));
  EXPECT_EQ(table_checksum(), wrong);
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 1);
  EXPECT_EQ(write_counters(redis(), postgres(), database).redis, before.redis);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class JOIN pg_namespace ON relnamespace = "
                   "pg_namespace.oid WHERE nspname = 'daymill_stage' AND relkind = 'r'"),
            0);
  const auto applied = replay_day({"--diff", "--apply"});
  EXPECT_TRUE(exited(applied, 0));
  EXPECT_TRUE(says(applied.standard_output, {"2 changed"}));
  EXPECT_EQ(table_differs_from(counts), "");
  const auto nothing = replay_day({"--diff"});
  EXPECT_TRUE(says(nothing.standard_output, {"0 added, 0 changed, 0 removed"}));
}

TEST_F(Decide, RejectsAreListedShownAndTriedAgain) {
  pipeline["rejects"] = {{"max_rows", 10}, {"max_share", "100%"}};
  redis().command({"HSET", kClicks, "no separator", "4"});
  redis().command({"HSET", "viewlog_keys:20241122", "9:scarves", "x"});
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_TRUE(
      says(daymill({"rejects", "list", write_pipeline()}).standard_output, {"2024-11-22", "2"}));
  const auto shown = daymill({"rejects", "show", write_pipeline(), kDay});
  EXPECT_TRUE(exited(shown, 0));
  EXPECT_TRUE(says(shown.standard_output, {kClicks, "no separator", "9:scarves"}));
  const auto same = daymill({"rejects", "retry", write_pipeline(), kDay});
  EXPECT_TRUE(exited(same, 0));
  EXPECT_TRUE(says(same.standard_error, {"correct it first"}));
  EXPECT_TRUE(
      says(daymill({"rejects", "list", write_pipeline(), "--output", "json"}).standard_output,
           {R"("rejected":2)"}));
}

}  // namespace
}  // namespace daymill::integration
