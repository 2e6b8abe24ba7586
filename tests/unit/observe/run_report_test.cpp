#include "observe/run_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace daymill {
namespace {

RunReport done_report() {
  RunReport report;
  report.run_id = "20241123T003000Z-9f3a61c2";
  report.kind = "run";
  report.pipeline = "ad_ctr";
  report.partition = "2024-11-22";
  report.state = RunState::done;
  report.epoch = 2;
  report.wrote_nothing = false;
  report.rows_read = 2'000'003;
  report.rows_merged = 500'000;
  report.rows_out = 1'500'000;
  report.rejected = 3;
  report.reject_reasons = {{"field.empty", 1}, {"value.not_count", 2}};
  report.sums_read = {{"clicks", 1234}, {"impressions", 98'765'432}};
  report.sums_rejected = {{"clicks", 4}, {"impressions", 0}};
  report.sums_out = {{"clicks", 1230}, {"impressions", 98'765'432}};
  report.phases = {{"extract", 2'000'003, 2.0}, {"remove", 0, 0.01}};
  report.splits = {{"clicklog_keys:20241122", "redis 127.0.0.1:6379", 1, 1'000'000,
                    "1000000-0123456789abcdef0123456789abcdef", "c.g1.snap", "loaded and removed"}};
  report.warnings = {"something to look at"};
  report.target = "postgres:7/ads/public.advertisement_analytics";
  return report;
}

TEST(RunReportText, SaysEverythingOnFewLines) {
  EXPECT_EQ(
      to_text(done_report()),
      "ad_ctr 2024-11-22  DONE  1,500,000 rows in 2.01 s  (run 20241123T003000Z-9f3a61c2)\n"
      "  rows      read 2,000,003 = out 1,500,000 + merged 500,000 + filtered 0 + rejected 3\n"
      "  sums      read clicks 1,234, impressions 98,765,432; in the target clicks 1,230, "
      "impressions 98,765,432; rejected clicks 4, impressions 0\n"
      "  rejected  1 × field.empty\n"
      "  rejected  2 × value.not_count\n"
      "  extract   2.00 s, 2,000,003 rows, 1,000,001 rows/s\n"
      "  remove    0.01 s\n"
      "  split     clicklog_keys:20241122: loaded and removed, generation 1, 1,000,000 rows, "
      "fingerprint 1000000-0123456789abcdef0123456789abcdef\n"
      "  receipt   epoch 2 in postgres:7/ads/public.advertisement_analytics\n"
      "  warning   something to look at\n");
}

TEST(RunReportText, ADayInManySplitsIsNoLongerThanOneInTwo) {
  RunReport report = done_report();
  const SplitReport one = report.splits.front();
  report.splits.clear();
  for (int shard = 0; shard < 64; ++shard) {
    report.splits.push_back(one);
    report.splits.back().split += ":" + std::to_string(shard);
  }
  report.splits[7].outcome = "loaded; it changed since, so it stays";
  const std::string text = to_text(report);
  EXPECT_NE(
      text.find("  splits    63 from clicklog_keys:20241122:0 to clicklog_keys:20241122:63: "
                "loaded and removed, generation 1, 63,000,000 rows; each with --output "
                "json\n"
                "  split     clicklog_keys:20241122:7: loaded; it changed since, so it stays, "
                "generation 1, 1,000,000 rows, fingerprint "),
      std::string::npos)
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
}

TEST(RunReportText, SaysWhenThereWasNothingToDo) {
  RunReport report;
  report.run_id = "r";
  report.pipeline = "ad_ctr";
  report.partition = "2024-11-22";
  report.state = RunState::done;
  EXPECT_EQ(to_text(report), "ad_ctr 2024-11-22  DONE  nothing to do: already loaded  (run r)\n");
  report.state = RunState::empty;
  EXPECT_EQ(to_text(report),
            "ad_ctr 2024-11-22  EMPTY  nothing to do: the source holds nothing  (run r)\n");
}

TEST(RunReportJson, HasTheSameForPrograms) {
  const auto json = to_json(done_report());
  EXPECT_EQ(json["state"], "DONE");
  EXPECT_EQ(json["error"], nullptr);
  EXPECT_EQ(json["rows"]["out"], 1'500'000);
  EXPECT_EQ(json["sums"]["read"]["impressions"], 98'765'432);
  EXPECT_EQ(json["reject_reasons"]["value.not_count"], 2);
  EXPECT_EQ(json["splits"][0]["outcome"], "loaded and removed");
  EXPECT_EQ(json["phases"][0]["rows_per_second"], 1'000'001.5);
}

TEST(RunReportExitCode, FollowsTheStateAndTheFirstCause) {
  RunReport report = done_report();
  EXPECT_EQ(report.exit_code(), 0);
  report.state = RunState::empty;
  EXPECT_EQ(report.exit_code(), 0);
  const std::pair<Code, int> codes[] = {{Code::needs_decision, 1},     {Code::invalid_data, 1},
                                        {Code::invalid_config, 2},     {Code::unavailable, 3},
                                        {Code::resource_exhausted, 3}, {Code::cancelled, 130}};
  for (const auto& [code, expected] : codes) {
    report.state = RunState::failed;
    report.failure = Status(code, "x");
    EXPECT_EQ(report.exit_code(), expected) << code_name(code);
  }
  report.failure = Status();
  EXPECT_EQ(report.exit_code(), 1);
}

TEST(RunReportRedaction, LeavesNoSecretInAnyText) {
  RunReport report = done_report();
  report.failure = Status(Code::unavailable, "a s3cret").at("b s3cret").next("c s3cret");
  report.target = "s3cret";
  report.warnings = {"s3cret"};
  report.splits[0].location = "s3cret";
  report.splits[0].outcome = "s3cret";
  Log log(LogLevel::error, LogFormat::text);
  log.hide({"s3cret"});
  const RunReport shown = redacted(report, log);
  EXPECT_EQ(to_text(shown).find("s3cret"), std::string::npos);
  EXPECT_EQ(to_json(shown).dump().find("s3cret"), std::string::npos);
}

TEST(StatusJson, HasWhatIsKnown) {
  EXPECT_EQ(to_json(Status()), nullptr);
  EXPECT_EQ(to_json(Status(Code::not_found, "no table")).dump(),
            R"({"code":"NOT_FOUND","message":"no table"})");
  EXPECT_EQ(to_json(Status(Code::not_found, "no table").at("here").next("create it")).dump(),
            R"({"code":"NOT_FOUND","message":"no table","where":"here","next":"create it"})");
}

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(INT64_MIN), "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace daymill
