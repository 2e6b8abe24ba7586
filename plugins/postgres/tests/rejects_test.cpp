// Rejects are given back as they were taken.
#include <gtest/gtest.h>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

using RejectsTest = SinkTest;

TEST_F(RejectsTest, ComeBackByteForByteInAStableOrder) {
  create_partitioned();
  create_login();
  exec("GRANT SELECT, INSERT, DELETE ON ads TO " + login_ +
       "; CREATE TABLE rest PARTITION OF ads DEFAULT");
  auto sink = bound({{"user", login_}}, "Pipe \"line\"'s");
  const Partition day = day_partition("2026-11-22");
  EXPECT_TRUE(sink->rejects(day, 10).value().empty());

  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) {
    every_byte += static_cast<char>(byte);
  }
  Attempted attempted{{{1, "shoes", 1, 2}}};
  attempted.rejects = {{"views", 1, "z", "count.negative", "found -1"},
                       {"clicks", 2, "", "field.no_separator", "found \"\", expected :"},
                       {"clicks", 1, "b", "b.reason", "靴"},
                       {"clicks", 1, every_byte, "field.no_separator", "found {1,2}\\"},
                       {"clicks", 1, "b", "a.reason", ""}};
  Load load = load_of(attempted.rows);
  load.pipeline = "Pipe \"line\"'s";
  ASSERT_TRUE(stage_day(*sink, "2026-11-22", attempted).ok());
  ASSERT_EQ(sink->commit(load, attempted.receipts).to_string(), "OK");

  const auto rejects = sink->rejects(day, 10).value();
  ASSERT_EQ(rejects.size(), 5u);
  const std::vector<std::size_t> order = {3, 4, 2, 1, 0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const RejectRow& expected = attempted.rejects[order[i]];
    EXPECT_EQ(rejects[i].split, expected.split) << i;
    EXPECT_EQ(rejects[i].generation, expected.generation) << i;
    EXPECT_EQ(rejects[i].raw, expected.raw) << i;
    EXPECT_EQ(rejects[i].reason, expected.reason) << i;
    EXPECT_EQ(rejects[i].message, expected.message) << i;
  }
  EXPECT_EQ(sink->rejects(day, 2).value().size(), 2u);
  EXPECT_EQ(sink->rejects(day, 0).value().size(), 0u);
  EXPECT_TRUE(sink->rejects(day_partition("2026-11-23"), 10).value().empty());
  EXPECT_TRUE(bound({}, "other")->rejects(day, 10).value().empty());
}

}  // namespace
}  // namespace daymill::postgres
