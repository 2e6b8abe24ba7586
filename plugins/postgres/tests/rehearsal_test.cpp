// Attempts that claim nothing: they stage, compare and leave no trace.
#include <gtest/gtest.h>

#include "connection.hpp"
#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

const std::vector<AdRow> kChangedRows = {{1, "shoes", 5, 6}, {3, "coats", 7, 8}};

class RehearsalTest : public SinkTest, public ::testing::WithParamInterface<bool> {
 protected:
  RehearsalTest() { GetParam() ? create_partitioned() : create_plain(); }
  const Partition day_ = day_partition(kDay);
  std::string written() {
    return one(
        "SELECT (SELECT count(*) FROM daymill.fence), (SELECT count(*) FROM daymill.load),"
        " (SELECT count(*) FROM daymill.receipt), (SELECT count(*) FROM ads)");
  }
};

TEST_P(RehearsalTest, WritesNothingAndLeavesNoStage) {
  auto sink = bound();
  ASSERT_EQ(rehearse_day(*sink, kDay, kTwoRows).to_string(), "OK");
  EXPECT_EQ(sink->difference(10).value().added, 2);
  const Status committed = sink->commit(load_of(kTwoRows), {receipt("clicks", 1)});
  EXPECT_EQ(committed.code(), Code::internal);
  EXPECT_NE(committed.message().find("a rehearsal cannot be committed"), std::string::npos);
  EXPECT_EQ(stages(), "1");
  sink->abort();
  EXPECT_EQ(stages(), "0");
  EXPECT_EQ(written(), "0|0|0|0");
}

TEST_P(RehearsalTest, SeveralAtOnceAndARunDoNotMeet) {
  auto first = bound();
  auto second = bound();
  auto run = bound();
  ASSERT_TRUE(stage_day(*run, kDay, {kTwoRows}).ok());
  ASSERT_EQ(rehearse_day(*first, kDay, kTwoRows).to_string(), "OK");
  ASSERT_EQ(rehearse_day(*second, kDay, kChangedRows).to_string(), "OK");
  EXPECT_EQ(stages(), "3");
  EXPECT_EQ(run->commit(load_of(kTwoRows), {receipt("clicks", 1), receipt("views", 1)}).to_string(),
            "OK");
  EXPECT_TRUE(first->difference(10).value().empty());
  const Difference difference = second->difference(10).value();
  EXPECT_EQ(difference.added, 1);
  EXPECT_EQ(difference.changed, 1);
  EXPECT_EQ(difference.removed, 1);
  first->abort();
  EXPECT_EQ(second->difference(0).value().changed, 1);
  second->abort();
  EXPECT_EQ(stages(), "0");
  EXPECT_EQ(run->receipts(day_, true).value().epoch, 1);
}

TEST_P(RehearsalTest, ThatDiedIsSweptByTheNextClaimOfItsDay) {
  auto died = bound();
  auto other = bound();
  ASSERT_EQ(rehearse_day(*died, kDay, kTwoRows).to_string(), "OK");
  ASSERT_EQ(rehearse_day(*other, "2026-11-23", kTwoRows).to_string(), "OK");
  auto run = bound();
  ASSERT_EQ(load_day(*run, kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(stages(), "1");
  const Status gone = died->difference(10).status();
  EXPECT_EQ(gone.code(), Code::conflict) << gone.to_string();
  EXPECT_NE(gone.message().find("a run has claimed partition " + kDay), std::string::npos);
  died->abort();
  EXPECT_EQ(other->difference(10).value().added, 2);
}

TEST_P(RehearsalTest, WhoseEmptyStageWasSweptIsAConflict) {
  auto sink = bound();
  ASSERT_EQ(sink->begin(Attempt{day_, 0, "rehearsal"}).to_string(), "OK");
  ASSERT_TRUE(bound()->claim(day_).ok());
  EXPECT_EQ(sink->open().status().code(), Code::conflict);
}

// A run without any time limit on locks: it would hang here if it waited for a rehearsal.
TEST_P(RehearsalTest, ThatHoldsItsStageDoesNotKeepARunWaiting) {
  auto sink = bound();
  ASSERT_EQ(sink->begin(Attempt{day_, 0, "rehearsal"}).to_string(), "OK");
  auto writer = sink->open().value();  // mid COPY
  EXPECT_EQ(load_day(*bound({{"lock_timeout", "0"}}), kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(writer->write(ad_batch(kChangedRows)).to_string(), "OK");
  EXPECT_EQ(writer->finish().to_string(), "OK");
  EXPECT_EQ(sink->difference(10).value().removed, 1);
}

TEST_P(RehearsalTest, OfAnotherPipelinesDayIsRefused) {
  ASSERT_EQ(load_day(*bound(), kDay, {kTwoRows}).to_string(), "OK");
  EXPECT_EQ(rehearse_day(*bound({}, "other"), kDay, kTwoRows).code(), Code::invalid_config);
  EXPECT_EQ(stages(), "0");
}

TEST_P(RehearsalTest, FindsDuplicateKeys) {
  auto sink = bound();
  EXPECT_EQ(rehearse_day(*sink, kDay, {{1, "shoes", 1, 2}, {1, "shoes", 3, 4}}).code(),
            Code::invalid_data);
}

TEST_P(RehearsalTest, NeedsNoMoreThanARun) {
  create_login();
  if (GetParam()) {
    exec("CREATE TABLE rest PARTITION OF ads DEFAULT");
  }
  exec("GRANT SELECT, INSERT, DELETE ON ads TO " + login_);
  auto sink = bound({{"user", login_}});
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_EQ(rehearse_day(*sink, kDay, kChangedRows).to_string(), "OK");
  EXPECT_EQ(sink->difference(10).value().changed, 1);
  sink->abort();
  EXPECT_EQ(stages(), "0");
}

TEST_P(RehearsalTest, DifferenceBeforeTheRowsAreInIsAMistake) {
  auto sink = bound();
  EXPECT_EQ(sink->difference(1).status().code(), Code::internal);
  ASSERT_EQ(sink->begin(Attempt{day_, 0, "rehearsal"}).to_string(), "OK");
  EXPECT_EQ(sink->difference(1).status().code(), Code::internal);
}

INSTANTIATE_TEST_SUITE_P(PartitionedAndPlain, RehearsalTest, ::testing::Bool());

}  // namespace
}  // namespace daymill::postgres
