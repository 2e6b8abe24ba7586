// Fence, load, receipts: who may write, and what is known of it afterwards.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

class EvidenceTest : public SinkTest {
 protected:
  EvidenceTest() { create_partitioned(); }
  const Partition day_ = day_partition("2026-11-22");
  const std::vector<AdRow> rows_ = {{1, "shoes", 1, 2}, {2, "hats", 3, 4}};
};

TEST_F(EvidenceTest, NothingIsKnownOfANewDay) {
  auto sink = bound();
  const Evidence evidence = sink->receipts(day_, true).value();
  EXPECT_EQ(evidence.epoch, 0);
  EXPECT_FALSE(evidence.load.has_value());
  EXPECT_TRUE(evidence.receipts.empty());
  EXPECT_EQ(one("SELECT count(*) FROM daymill.fence"), "0");
}

TEST_F(EvidenceTest, ALoadIsReadBackAsItWasCommitted) {
  auto sink = bound();
  ASSERT_EQ(sink->claim(day_).value(), 1);
  ASSERT_TRUE(stage_day(*sink, "2026-11-22", {rows_}).ok());
  Load load = load_of(rows_);
  load.rejected = 5;
  load.filtered = 6;
  ASSERT_EQ(sink->commit(load, {receipt("views", 1), receipt("clicks", 1, "ff")}).to_string(),
            "OK");
  for (const bool settle : {false, true}) {
    const Evidence evidence = sink->receipts(day_, settle).value();
    EXPECT_EQ(evidence.epoch, 2);
    ASSERT_TRUE(evidence.load.has_value());
    EXPECT_EQ(evidence.load->epoch, 2);
    EXPECT_EQ(evidence.load->pipeline, "ad_ctr");
    EXPECT_EQ(evidence.load->run_id, "run-1");
    EXPECT_EQ(evidence.load->rows_out, 2);
    EXPECT_EQ(evidence.load->rejected, 5);
    EXPECT_EQ(evidence.load->filtered, 6);
    EXPECT_EQ(evidence.load->sums, (std::vector<Sum>{{"clicks", 4}, {"impressions", 6}}));
    EXPECT_EQ(evidence.load->config_digest, "digest");
    EXPECT_EQ(evidence.load->plugins, R"({"sink": "postgres 0.1.0"})");
    EXPECT_EQ(evidence.load->committed_at.size(),
              std::string("2026-11-22T00:00:00.000000Z").size());
    ASSERT_EQ(evidence.receipts.size(), 2u);
    EXPECT_EQ(evidence.receipts[0].split, "clicks");
    EXPECT_EQ(evidence.receipts[0].fingerprint, "ff");
    EXPECT_EQ(evidence.receipts[0].epoch, 2);
    EXPECT_EQ(evidence.receipts[0].rows_in, 3);
    EXPECT_EQ(evidence.receipts[0].snapshot, "clicks.snapshot");
    EXPECT_FALSE(evidence.receipts[0].removed);
    EXPECT_EQ(evidence.difference, "");
  }
}

TEST_F(EvidenceTest, ReadingWritesNothing) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  const std::string rows =
      "SELECT (SELECT string_agg(l::text || l.xmin, '') FROM daymill.load l),"
      " (SELECT string_agg(f::text || f.xmin, '') FROM daymill.fence f)";
  const std::string before = one(rows);
  ASSERT_TRUE(sink->receipts(day_, false).ok());
  EXPECT_EQ(one(rows), before);
}

TEST_F(EvidenceTest, ChangesByOthersAreADifference) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  exec("UPDATE ads SET clicks = clicks + 1 WHERE ad_id = 1");
  EXPECT_EQ(sink->receipts(day_, false).value().difference, "found clicks 5; expected clicks 4");
  exec("DELETE FROM ads");
  EXPECT_EQ(sink->receipts(day_, true).value().difference,
            "found rows 0, clicks 0, impressions 0; expected rows 2, clicks 4, impressions 6");
}

TEST_F(EvidenceTest, ALowerEpochIsFenced) {
  auto slow = bound();
  auto fast = bound();
  ASSERT_TRUE(stage_day(*slow, "2026-11-22", {rows_}).ok());
  ASSERT_EQ(fast->claim(day_).value(), 2);
  const Status status = slow->commit(load_of(rows_), {receipt("clicks", 1)});
  EXPECT_EQ(status.code(), Code::fenced) << status.to_string();
  slow->abort();
  EXPECT_EQ(one("SELECT count(*) FROM ads"), "0");
  EXPECT_EQ(load_day(*fast, "2026-11-22", {rows_}).to_string(), "OK");
}

TEST_F(EvidenceTest, AnAttemptWhoseStageALaterClaimDroppedIsFenced) {
  auto slow = bound();
  ASSERT_TRUE(slow->claim(day_).ok());
  ASSERT_TRUE(slow->begin({day_, 1, "r", false}).ok());
  ASSERT_TRUE(bound()->claim(day_).ok());
  EXPECT_EQ(slow->open().status().code(), Code::fenced);
}

TEST_F(EvidenceTest, ADayIsNotReplacedByAPartOfIt) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  Attempted late{{{9, "late", 1, 1}}};
  late.receipts = {receipt("clicks", 2)};
  const Status status = load_day(*sink, "2026-11-22", late);
  EXPECT_EQ(status.code(), Code::needs_decision);
  EXPECT_NE(status.message().find("found clicks generation 2; already committed clicks generation "
                                  "1, views generation 1"),
            std::string::npos)
      << status.message();
  EXPECT_EQ(one("SELECT count(*) FROM ads"), "2");
}

TEST_F(EvidenceTest, LateGenerationsAddTheirReceipts) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  ASSERT_EQ(sink->mark_removed(day_, "clicks", 1).to_string(), "OK");
  ASSERT_EQ(sink->mark_removed(day_, "views", 1).to_string(), "OK");
  const std::string removed = one("SELECT max(removed_at) FROM daymill.receipt");
  ASSERT_EQ(sink->mark_removed(day_, "views", 1).to_string(), "OK");
  EXPECT_EQ(one("SELECT max(removed_at) FROM daymill.receipt"), removed);
  EXPECT_EQ(sink->mark_removed(day_, "views", 2).code(), Code::not_found);

  Attempted late{{{1, "shoes", 1, 2}, {2, "hats", 3, 4}, {3, "late", 1, 1}}};
  late.receipts = {receipt("clicks", 1), receipt("views", 1, "grown"), receipt("clicks", 2)};
  ASSERT_EQ(load_day(*sink, "2026-11-22", late).to_string(), "OK");
  EXPECT_EQ(ask("SELECT split, generation, epoch, fingerprint, removed_at IS NOT NULL"
                " FROM daymill.receipt ORDER BY 1, 2"),
            (std::vector<std::string>{"clicks|1|2|f1|t", "clicks|2|2|f1|f", "views|1|2|grown|f"}));
}

TEST_F(EvidenceTest, AReceiptOfARemovedSplitCanBeWrittenAnew) {
  auto sink = bound();
  Attempted restored{rows_};
  restored.receipts = {receipt("clicks", 1)};
  restored.receipts[0].removed = true;
  ASSERT_EQ(load_day(*sink, "2026-11-22", restored).to_string(), "OK");
  EXPECT_TRUE(sink->receipts(day_, false).value().receipts.at(0).removed);
}

TEST_F(EvidenceTest, AnotherPipelinesDayIsRefused) {
  auto first = bound();
  auto second = bound({}, "other");
  // As long as nothing was loaded, whoever claims has it.
  ASSERT_EQ(second->claim(day_).value(), 1);
  ASSERT_EQ(first->claim(day_).value(), 2);
  ASSERT_EQ(load_day(*first, "2026-11-22", {rows_}).to_string(), "OK");
  for (const Status& status : {second->receipts(day_, false).status(), second->claim(day_).status(),
                               second->begin({day_, 3, "r", false})}) {
    EXPECT_EQ(status.code(), Code::invalid_config);
    EXPECT_NE(status.message().find("loaded by pipeline ad_ctr, expected other"), std::string::npos)
        << status.message();
  }
  EXPECT_EQ(one("SELECT pipeline, epoch FROM daymill.fence"), "ad_ctr|3");
  EXPECT_TRUE(second->receipts(day_partition("2026-11-23"), false).ok());
}

TEST_F(EvidenceTest, APipelineThatChangedItsTableIsTold) {
  auto sink = bound();
  ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  create_partitioned("elsewhere");
  auto moved = bound({{"table", "elsewhere"}});
  const Evidence evidence = moved->receipts(day_, false).value();
  EXPECT_FALSE(evidence.load.has_value());
  EXPECT_EQ(evidence.receipts.size(), 2u);
  EXPECT_NE(evidence.difference.find("no load of public.elsewhere"), std::string::npos);
}

TEST_F(EvidenceTest, StagesLeftBehindAreDroppedAtTheNextClaimOnlyTheirs) {
  auto crashed = bound();
  ASSERT_TRUE(stage_day(*crashed, "2026-11-22", {rows_}).ok());
  auto other = bound();
  ASSERT_TRUE(stage_day(*other, "2026-11-23", {rows_}).ok());
  const std::string stages =
      "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = 'daymill_stage' AND relkind = 'r'";
  ASSERT_EQ(one(stages), "2");
  ASSERT_TRUE(bound()->claim(day_).ok());
  EXPECT_EQ(one(stages), "1");
  EXPECT_EQ(other->commit(load_of(rows_), {receipt("clicks", 1)}).to_string(), "OK");
}

TEST_F(EvidenceTest, AHangingRunnersStageDoesNotBlockTheClaim) {
  auto hung = bound();
  ASSERT_TRUE(hung->claim(day_).ok());
  ASSERT_TRUE(hung->begin({day_, 1, "r", false}).ok());
  auto writer = hung->open().value();  // holds its stage, mid COPY
  auto sink = bound({{"lock_timeout", "50ms"}});
  EXPECT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  EXPECT_EQ(writer->write(ad_batch(rows_)).to_string(), "OK");
  EXPECT_EQ(writer->finish().to_string(), "OK");
  EXPECT_EQ(hung->commit(load_of(rows_), {receipt("clicks", 1)}).code(), Code::fenced);
}

TEST_F(EvidenceTest, TwoSinksAtOnceLeaveOneWholeDay) {
  for (int round = 0; round < 5; ++round) {
    std::vector<std::thread> threads;
    std::vector<Status> statuses(2);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      threads.emplace_back([&, i] {
        auto sink = make().value();
        statuses[i] = sink->bind(ad_schema(), "ad_ctr");
        if (statuses[i].ok()) {
          const std::vector<AdRow> rows({{static_cast<std::int64_t>(i), "a", 1, 2},
                                         {static_cast<std::int64_t>(i), "b", 3, 4}});
          statuses[i] = load_day(*sink, "2026-11-22", {rows});
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_TRUE(
        std::any_of(statuses.begin(), statuses.end(), [](const Status& s) { return s.ok(); }))
        << statuses[0].to_string() << " " << statuses[1].to_string();
    for (const Status& status : statuses) {
      EXPECT_TRUE(status.ok() || status.code() == Code::fenced || status.code() == Code::conflict)
          << status.to_string();
    }
    EXPECT_EQ(one("SELECT count(*), count(DISTINCT ad_id) FROM ads"), "2|1");
    EXPECT_EQ(bound()->receipts(day_, true).value().difference, "");
  }
}

}  // namespace
}  // namespace daymill::postgres
