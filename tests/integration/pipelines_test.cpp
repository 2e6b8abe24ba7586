// The pipelines of the tree as they stand there, on real servers: the CTR job, the week per ad that
// is made of what it loaded, and a folder into which CSV files are dropped.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

namespace fs = std::filesystem;

class PipelinesTest : public AdPipelineTest {
 protected:
  PipelinesTest() {
    environment = {{"REDIS_HOST", "127.0.0.1"},
                   {"REDIS_PORT", std::to_string(redis().port())},
                   {"POSTGRES_HOST", "127.0.0.1"},
                   {"POSTGRES_PORT", std::to_string(postgres().port())},
                   {"POSTGRES_DB", database},
                   {"POSTGRES_USER", "postgres"},
                   {"DROP_FOLDER", (folder / "drop").string()}};
  }
  [[nodiscard]] support::ProcessResult run(const std::string& name, const std::string& day,
                                           std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"run", DAYMILL_TREE "/pipelines/" + name + ".json", "--date", day});
    return daymill(std::move(more));
  }
};

TEST_F(PipelinesTest, AWeekPerAdIsTheSumOfItsDays) {
  for (int day = 10; day <= 17; ++day) {  // the first one is not of the week
    const std::string date = "2024-11-" + std::to_string(day);
    record(day_of_increments(40, static_cast<std::uint64_t>(day)), date);
    ASSERT_TRUE(exited(run("ad_ctr", date), 0));
  }
  ASSERT_TRUE(exited(run("ad_weekly", "2024-11-17"), 0));
  EXPECT_EQ(
      number("SELECT count(*) FROM (SELECT ad_id, clicks, impressions, days, ctr FROM ad_weekly"
             " WHERE week_ending = '2024-11-17' EXCEPT"
             " SELECT ad_id, sum(clicks)::bigint, sum(impressions)::bigint,"
             " count(DISTINCT date), sum(clicks)::float8 / nullif(sum(impressions), 0)"
             " FROM advertisement_analytics WHERE date BETWEEN '2024-11-11' AND '2024-11-17'"
             " GROUP BY ad_id) AS wrong"),
      0);
  EXPECT_EQ(number("SELECT count(*) FROM ad_weekly"),
            number("SELECT count(DISTINCT ad_id) FROM advertisement_analytics"
                   " WHERE date > '2024-11-10'"));
  EXPECT_GT(number("SELECT count(*) FROM ad_weekly"), 0);

  ASSERT_TRUE(exited(run("ad_weekly", "2024-11-17"), 0));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load WHERE pipeline = 'ad_weekly'"), 1);

  // Late counts of a day of the week: the day grows, and with it the week.
  record({{Event::click, {7, "late"}, 1000}}, "2024-11-12");
  ASSERT_TRUE(exited(run("ad_ctr", "2024-11-12"), 0));
  ASSERT_TRUE(exited(run("ad_weekly", "2024-11-17"), 0));
  EXPECT_EQ(number("SELECT sum(clicks) FROM ad_weekly"),
            number("SELECT sum(clicks) FROM advertisement_analytics WHERE date > '2024-11-10'"));
}

TEST_F(PipelinesTest, DroppedFilesLandWithoutTheRowsThatCannotBe) {
  fs::create_directory(folder / "drop");
  const auto drop = [&](const std::string& rows) {
    std::ofstream(folder / "drop/costs-20241122.csv") << "ad_id,search_word,cost_micros\n" << rows;
  };
  const std::string good = "7,shoes,1500000\n7,tea,500000\n8,shoes,250000\n8,tea,1\n9,,2\n";
  drop(good + "0,milk,7\n");
  ASSERT_TRUE(exited(run("ad_costs", kDay), 0));
  EXPECT_EQ(number("SELECT count(*) FROM ad_costs WHERE date = '2024-11-22'"), 5);
  EXPECT_EQ(number("SELECT sum(cost_micros) FROM ad_costs"), 2250003);
  EXPECT_EQ(number("SELECT count(*) FROM ad_costs WHERE cost = cost_micros / 1e6"), 5);
  EXPECT_EQ(number("SELECT count(*) FROM daymill.reject WHERE reason = 'check.known_ad'"), 1);

  drop(good + "10,milk,7\n");  // corrected: a row is gone that was loaded before, so it is asked
  EXPECT_TRUE(exited(run("ad_costs", kDay), 1));
  ASSERT_TRUE(exited(run("ad_costs", kDay, {"--accept-decrease"}), 0));
  EXPECT_EQ(number("SELECT count(*) FROM ad_costs"), 6);
  EXPECT_EQ(number("SELECT count(*) FROM daymill.reject"), 0);

  drop("1,a,-1\n2,b,-1\n3,c,-1\n4,d,1\n");  // too many to be an accident: nothing changes
  const auto refused = run("ad_costs", kDay, {"--accept-decrease"});
  EXPECT_TRUE(exited(refused, 1));
  EXPECT_TRUE(says(refused.standard_error, {"rejects.max_share", "check.not_negative"}));
  EXPECT_EQ(number("SELECT count(*) FROM ad_costs"), 6);
}

/// Without a server.
TEST_F(PipelinesTest, TheirOwnTestsPass) {
  const auto tested = daymill({"test", DAYMILL_TREE "/pipelines"});
  EXPECT_TRUE(exited(tested, 0));
  EXPECT_TRUE(says(tested.standard_output,
                   {"ad_ctr.test.json", "ad_weekly.test.json", "ad_costs.test.json", " 0 failed"}));
}

}  // namespace
}  // namespace daymill::integration
