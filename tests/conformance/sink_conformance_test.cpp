// One suite for all sinks of the product that commit receipts, through their files and on real
// databases: what they owe to those who resume, replay, adopt, decide and rebuild the journal. How
// a day lands is tested beside each sink.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"
#include "quirks.hpp"
#include "recording_host.hpp"
#include "sink_stand.hpp"

namespace daymill {
namespace {

using Lines = std::vector<std::string>;

struct Count {
  std::int64_t ad_id;
  const char* word;
  std::int64_t clicks;
  std::int64_t impressions;
};
using Counts = std::vector<Count>;

const Schema kSchema{{{"ad_id", Type::int64, Role::key, false},
                      {"search_word", Type::text, Role::key, false},
                      {"clicks", Type::int64, Role::measure, true},
                      {"impressions", Type::int64, Role::measure, true}}};
const Counts kCounts{{7, "shoes", 1, 10}, {8, "hats", 2, 20}, {9, "", 3, 30}};
const Lines kTable{"2026-11-22|7|shoes|1|10", "2026-11-22|8|hats|2|20", "2026-11-22|9||3|30"};
constexpr const char* kByHand =
    "INSERT INTO advertisement_analytics VALUES ('2026-11-22', 7, 'shoes', 1, 10), "
    "('2026-11-22', 8, 'hats', 2, 20), ('2026-11-22', 9, '', 3, 30)";

Partition day(const std::string& label = "2026-11-22") {
  const std::int32_t number = parse_date(label).value();
  const std::int64_t start = std::int64_t{number} * 86'400'000'000;
  return Partition{label, number, start, start + 86'400'000'000};
}

RecordBatch batch_of(const Counts& counts) {
  BatchBuilder rows(kSchema);
  for (const Count& count : counts) {
    rows.column(0).append_int64(count.ad_id);
    rows.column(1).append_bytes(count.word);
    rows.column(2).append_int64(count.clicks);
    rows.column(3).append_int64(count.impressions);
    rows.end_row();
  }
  return rows.finish();
}

std::vector<Sum> sums_of(const Counts& counts) {
  std::vector<Sum> sums{{"clicks", 0}, {"impressions", 0}};
  for (const Count& count : counts) {
    sums[0].value += count.clicks;
    sums[1].value += count.impressions;
  }
  return sums;
}

Load load_of(const Counts& counts, std::int64_t epoch) {
  Load load;
  load.epoch = epoch;
  load.pipeline = "ad_ctr";
  load.run_id = "run-" + std::to_string(epoch);
  load.rows_out = static_cast<std::int64_t>(counts.size());
  load.sums = sums_of(counts);
  load.config_digest = "digest";
  load.plugins = "{}";
  return load;
}

Receipt receipt_of(std::int64_t epoch, std::int64_t generation = 1) {
  return {"clicks", generation, epoch, "fingerprint", 3, "clicks.snapshot", false, {}};
}

std::vector<std::string> sinks_with_receipts() {
  std::vector<std::string> ids;
  std::istringstream list(DAYMILL_TREE_PLUGINS);
  for (std::string name; std::getline(list, name, ',');) {
    const auto library =
        load_plugin(std::filesystem::path(DAYMILL_TREE_PLUGIN_FOLDER) / (name + ".so"),
                    std::make_shared<RecordingHost>());
    if (!library.ok()) {
      throw std::runtime_error(library.status().to_string());
    }
    for (const PluginComponent& component : library->components) {
      if (component.kind == ComponentKind::sink && component.can(DAYMILL_SINK_RECEIPTS)) {
        ids.push_back(component.id);
      }
    }
  }
  return ids;
}

class SinkConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_NE(stand_, nullptr) << "write a stand for sink " << GetParam() << " in sink_stand.cpp";
    sink_ = bound();
  }

  /// Another runner: a sink of its own on the same table.
  std::unique_ptr<Sink> bound(const std::string& pipeline = "ad_ctr") {
    const auto component = registry_.find(ComponentKind::sink, GetParam());
    EXPECT_TRUE(component.ok()) << component.status().to_string();
    auto made =
        make_sink(*component.value(),
                  with_settings(example_settings(*component.value()), stand_->settings()), host_);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    const Status bound = made.value()->bind(kSchema, pipeline);
    EXPECT_TRUE(bound.ok()) << bound.to_string();
    return std::move(made).value();
  }

  static Status stage(Sink& sink, const Attempt& attempt, const Counts& counts,
                      const std::vector<RejectRow>& rejects = {}) {
    DAYMILL_TRY(sink.begin(attempt));
    DAYMILL_ASSIGN(const auto writer, sink.open());
    if (!counts.empty()) {
      DAYMILL_TRY(writer->write(batch_of(counts)));
    }
    DAYMILL_TRY(writer->finish());
    return rejects.empty() ? Status() : sink.reject(rejects);
  }
  /// A whole attempt. `receipts`: those of the day, by default one that is new.
  static Status load(Sink& sink, const Counts& counts, const Partition& partition = day(),
                     const std::vector<RejectRow>& rejects = {}) {
    DAYMILL_ASSIGN(const std::int64_t epoch, sink.claim(partition));
    Status status = stage(sink, Attempt{partition, epoch, "run"}, counts, rejects);
    if (status.ok()) {
      status = sink.commit(load_of(counts, epoch), {receipt_of(epoch)});
    }
    if (!status.ok()) {
      sink.abort();
    }
    return status;
  }
  static void expect_loaded(const Status& status) {
    EXPECT_TRUE(status.ok()) << status.to_string();
  }

  Evidence evidence(const Partition& partition = day()) {
    auto found = sink_->receipts(partition, true);
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return found.ok() ? std::move(found).value() : Evidence{};
  }
  Difference compare(Sink& sink, std::int64_t max_examples = 100) {
    auto found = sink.difference(max_examples);
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return found.ok() ? std::move(found).value() : Difference{};
  }

  std::shared_ptr<RecordingHost> host_ = std::make_shared<RecordingHost>();
  PluginRegistry registry_ = PluginRegistry::load({DAYMILL_TREE_PLUGIN_FOLDER}, host_);
  std::unique_ptr<SinkStand> stand_ = make_stand(GetParam());
  std::unique_ptr<Sink> sink_;
};

/// RFC 3339 with a time zone: "2026-11-22T01:02:03.5Z".
bool is_moment(const std::string& text) {
  return text.size() >= 20 && text[4] == '-' && text[10] == 'T' && text[16] == ':' &&
         (text.back() == 'Z' || text[text.size() - 6] == '+' || text[text.size() - 6] == '-');
}

// ---- History, decisions, rejects

Lines lines_of(const std::vector<PartitionEvidence>& history) {
  Lines lines;
  for (const auto& [partition, evidence] : history) {
    lines.push_back(partition + " epoch " + std::to_string(evidence.epoch) + " load " +
                    std::to_string(evidence.load ? evidence.load->epoch : 0) + " receipts " +
                    std::to_string(evidence.receipts.size()) + " decisions " +
                    std::to_string(evidence.decisions.size()));
  }
  return lines;
}

TEST_P(SinkConformanceTest, TheHistoryIsOfEveryDayThatWasClaimedLoadedOrDecidedAbout) {
  EXPECT_TRUE(lines_of(sink_->history().value()).empty());
  expect_loaded(load(*sink_, kCounts));
  expect_loaded(load(*sink_, kCounts));
  expect_loaded(load(*sink_, kCounts, day("2026-11-20")));
  ASSERT_TRUE(sink_->claim(day("2026-11-23")).ok());
  const OperatorDecision decision{"discard", "ann@desk", "", "", ""};
  ASSERT_TRUE(sink_->note_decision(day("2026-11-21"), decision).ok());
  ASSERT_TRUE(sink_->note_decision(day("2026-11-20"), decision).ok());
  expect_loaded(load(*bound("others"), kCounts, day("2026-11-19")));
  const auto history = bound()->history();
  ASSERT_TRUE(history.ok()) << history.status().to_string();
  EXPECT_EQ(lines_of(*history), (Lines{"2026-11-20 epoch 1 load 1 receipts 1 decisions 1",
                                       "2026-11-21 epoch 0 load 0 receipts 0 decisions 1",
                                       "2026-11-22 epoch 2 load 2 receipts 1 decisions 0",
                                       "2026-11-23 epoch 1 load 0 receipts 0 decisions 0"}));
  const Evidence& told = history->at(2).evidence;
  const Evidence asked = evidence();
  EXPECT_EQ(told.load->run_id, asked.load->run_id);
  EXPECT_EQ(told.load->sums, asked.load->sums);
  EXPECT_EQ(told.load->committed_at, asked.load->committed_at);
  EXPECT_EQ(told.receipts.at(0).fingerprint, asked.receipts.at(0).fingerprint);
  EXPECT_EQ(told.receipts.at(0).snapshot, asked.receipts.at(0).snapshot);
}

TEST_P(SinkConformanceTest, TheHistoryDoesNotLookForDifferences) {
  expect_loaded(load(*sink_, kCounts));
  stand_->execute("DELETE FROM advertisement_analytics");
  EXPECT_NE(evidence().difference, "");
  EXPECT_EQ(sink_->history().value().at(0).evidence.difference, "");
}

TEST_P(SinkConformanceTest, AReceiptSaysWhenItsRemovalWasNotedAndKeepsThat) {
  expect_loaded(load(*sink_, kCounts));
  EXPECT_FALSE(evidence().receipts.at(0).removed);
  EXPECT_EQ(evidence().receipts.at(0).removed_at, "");
  ASSERT_TRUE(sink_->mark_removed(day(), "clicks", 1).ok());
  const Receipt removed = evidence().receipts.at(0);
  EXPECT_TRUE(removed.removed);
  EXPECT_TRUE(is_moment(removed.removed_at)) << removed.removed_at;
  ASSERT_TRUE(sink_->mark_removed(day(), "clicks", 1).ok());
  EXPECT_EQ(evidence().receipts.at(0).removed_at, removed.removed_at);

  const std::int64_t epoch = sink_->claim(day()).value();
  ASSERT_TRUE(stage(*sink_, Attempt{day(), epoch, "run"}, kCounts).ok());
  expect_loaded(sink_->commit(load_of(kCounts, epoch), {removed, receipt_of(epoch, 2)}));
  ASSERT_EQ(evidence().receipts.size(), 2u);
  EXPECT_EQ(evidence().receipts.at(0).removed_at, removed.removed_at);
  EXPECT_EQ(evidence().receipts.at(1).removed_at, "");
}

TEST_P(SinkConformanceTest, DecisionsAreKeptOldestFirst) {
  const std::string detail = "found \"3\"; 'expected' 4, \xE9\x9D\xB4";
  for (int i = 0; i < 3; ++i) {
    const OperatorDecision decision{"replace", "ann@desk", "reason " + std::to_string(i), detail,
                                    "1999-01-01T00:00:00Z"};
    ASSERT_TRUE(sink_->note_decision(day(), decision).ok());
  }
  const auto decisions = bound()->receipts(day(), false).value().decisions;
  ASSERT_EQ(decisions.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(decisions[i].choice, "replace");
    EXPECT_EQ(decisions[i].decided_by, "ann@desk");
    EXPECT_EQ(decisions[i].reason, "reason " + std::to_string(i));
    EXPECT_EQ(decisions[i].detail, detail);
    EXPECT_TRUE(is_moment(decisions[i].decided_at)) << decisions[i].decided_at;
    EXPECT_NE(decisions[i].decided_at, "1999-01-01T00:00:00Z") << "the sink's own clock";
  }
  EXPECT_EQ(evidence().epoch, 0) << "a decision is no claim";
  EXPECT_TRUE(evidence(day("2026-11-21")).decisions.empty());
  EXPECT_TRUE(bound("others")->receipts(day(), false).value().decisions.empty());
  expect_loaded(load(*sink_, kCounts));
  EXPECT_EQ(evidence().decisions.size(), 3u);
}

TEST_P(SinkConformanceTest, RejectsAreThoseOfTheNewestLoad) {
  const std::string bytes("\xff\0x", 3);
  expect_loaded(load(*sink_, kCounts, day(),
                     {{"clicks", 1, bytes, "field.no_separator", "found \xE9\x9D\xB4"},
                      {"clicks", 1, "a", "value.not_count", "found a"}}));
  const auto rejects = sink_->rejects(day(), 100);
  ASSERT_TRUE(rejects.ok()) << rejects.status().to_string();
  ASSERT_EQ(rejects->size(), 2u);
  const auto raw = std::find_if(rejects->begin(), rejects->end(),
                                [&](const RejectRow& row) { return row.raw == bytes; });
  ASSERT_NE(raw, rejects->end());
  EXPECT_EQ(raw->split, "clicks");
  EXPECT_EQ(raw->generation, 1);
  EXPECT_EQ(raw->reason, "field.no_separator");
  EXPECT_EQ(raw->message, "found \xE9\x9D\xB4");
  EXPECT_EQ(sink_->rejects(day(), 1).value().size(), 1u);
  EXPECT_TRUE(sink_->rejects(day(), 0).value().empty());
  EXPECT_TRUE(sink_->rejects(day("2026-11-21"), 100).value().empty());
  EXPECT_TRUE(bound("others")->rejects(day(), 100).value().empty());
  expect_loaded(load(*sink_, kCounts, day(), {{"clicks", 1, "b", "r", "m"}}));
  ASSERT_EQ(sink_->rejects(day(), 100).value().size(), 1u);
  EXPECT_EQ(sink_->rejects(day(), 100).value().at(0).raw, "b");
}

// ---- Comparing and rehearsing

/// "+ key: before -> after" per example.
Lines lines_of(const Difference& difference) {
  Lines lines;
  for (const RowChange& change : difference.examples) {
    const char* sign = change.kind == RowChangeKind::added     ? "+ "
                       : change.kind == RowChangeKind::changed ? "~ "
                                                               : "- ";
    lines.push_back(sign + change.key + ": " + change.before + " -> " + change.after);
  }
  return lines;
}

TEST_P(SinkConformanceTest, TheDifferenceIsWhatTheCommitWillChange) {
  expect_loaded(load(*sink_, kCounts));
  const Counts next{{11, "b", 1, 1}, {9, "", 3, 33}, {7, "shoes", 1, 10}, {10, "a", 0, 0}};
  const std::int64_t epoch = sink_->claim(day()).value();
  ASSERT_TRUE(stage(*sink_, Attempt{day(), epoch, "run"}, next).ok());
  const Difference found = compare(*sink_);
  EXPECT_EQ(found.rows_before, 3);
  EXPECT_EQ(found.rows_after, 4);
  EXPECT_EQ(found.added, 2);
  EXPECT_EQ(found.changed, 1);
  EXPECT_EQ(found.removed, 1);
  EXPECT_EQ(found.before, sums_of(kCounts));
  EXPECT_EQ(found.after, sums_of(next));
  EXPECT_EQ(lines_of(found),
            (Lines{"+ 10, a:  -> clicks 0, impressions 0", "+ 11, b:  -> clicks 1, impressions 1",
                   "~ 9, : impressions 30 -> impressions 33",
                   "- 8, hats: clicks 2, impressions 20 -> "}));
  EXPECT_EQ(lines_of(compare(*sink_, 2)), (Lines{"+ 10, a:  -> clicks 0, impressions 0",
                                                 "+ 11, b:  -> clicks 1, impressions 1"}));
  EXPECT_TRUE(compare(*sink_, 0).examples.empty());
  EXPECT_EQ(compare(*sink_, 0).removed, 1);
  EXPECT_EQ(stand_->rows(), kTable) << "it changes nothing";
  expect_loaded(sink_->commit(load_of(next, epoch), {receipt_of(epoch)}));
  ASSERT_TRUE(stage(*sink_, Attempt{day(), 0, "run"}, next).ok());
  EXPECT_TRUE(compare(*sink_).empty());
  sink_->abort();
}

TEST_P(SinkConformanceTest, ARehearsalLeavesNothing) {
  for (const bool was_loaded : {false, true}) {
    if (was_loaded) {
      expect_loaded(load(*sink_, kCounts));
    }
    const Lines history = lines_of(sink_->history().value());
    const Lines rows = stand_->rows();
    const Counts next{{1, "x", 1, 1}};
    for (int i = 0; i < 2; ++i) {
      expect_loaded(stage(*sink_, Attempt{day(), 0, "run"}, next, {{"clicks", 1, "b", "r", "m"}}));
      EXPECT_EQ(compare(*sink_).added, 1);
      EXPECT_EQ(compare(*sink_).removed, was_loaded ? 3 : 0);
      sink_->abort();
    }
    expect_loaded(stage(*sink_, Attempt{day(), 0, "run"}, next));
    EXPECT_FALSE(sink_->commit(load_of(next, 0), {receipt_of(0)}).ok()) << "never committed";
    sink_->abort();
    EXPECT_EQ(stand_->rows(), rows);
    EXPECT_EQ(lines_of(sink_->history().value()), history);
    EXPECT_TRUE(sink_->rejects(day(), 10).value().empty());
  }
}

TEST_P(SinkConformanceTest, ARehearsalIsInNobodysWay) {
  const std::int64_t epoch = sink_->claim(day()).value();
  ASSERT_TRUE(stage(*sink_, Attempt{day(), epoch, "run"}, kCounts).ok());
  const auto other = bound();
  expect_loaded(stage(*other, Attempt{day(), 0, "look"}, {}));
  EXPECT_TRUE(compare(*other).empty());
  expect_loaded(sink_->commit(load_of(kCounts, epoch), {receipt_of(epoch)}));
  EXPECT_EQ(compare(*other).removed, 3) << "it sees what was committed meanwhile";
  other->abort();
  EXPECT_EQ(stand_->rows(), kTable);
}

// ---- Adopting

Attempt adopting(std::int64_t epoch) {
  Attempt attempt{day(), epoch, "run"};
  attempt.adopt = true;
  return attempt;
}

TEST_P(SinkConformanceTest, AnAdoptedDayKeepsItsRowsAndIsOneOfOurs) {
  for (const Counts& staged : {kCounts, Counts{}}) {  // compared before, or taken as it is
    stand_->execute("DELETE FROM advertisement_analytics");
    stand_->execute(kByHand);
    SCOPED_TRACE(std::to_string(staged.size()) + " rows are staged");
    const std::int64_t epoch = sink_->claim(day()).value();
    expect_loaded(stage(*sink_, adopting(epoch), staged, {{"clicks", 1, "b", "r", "m"}}));
    EXPECT_EQ(compare(*sink_).rows_before, 3);
    expect_loaded(sink_->commit(load_of(kCounts, epoch), {receipt_of(epoch)}));
    EXPECT_EQ(stand_->rows(), kTable);
    ASSERT_TRUE(evidence().load.has_value());
    EXPECT_EQ(evidence().load->epoch, epoch);
    EXPECT_EQ(evidence().load->sums, sums_of(kCounts));
    EXPECT_EQ(evidence().receipts.size(), 1u);
    EXPECT_EQ(evidence().difference, "");
    EXPECT_EQ(sink_->rejects(day(), 10).value().size(), 1u);
  }
  const Counts next{{7, "shoes", 5, 50}};
  expect_loaded(load(*sink_, next));
  EXPECT_EQ(stand_->rows(), (Lines{"2026-11-22|7|shoes|5|50"}));
}

TEST_P(SinkConformanceTest, RowsThatNobodyAdoptedNeedADecision) {
  stand_->execute(kByHand);
  EXPECT_EQ(load(*sink_, kCounts).code(), Code::needs_decision);
  EXPECT_EQ(stand_->rows(), kTable);
}

TEST_P(SinkConformanceTest, ADayThatIsNotTheLoadsIsNotAdopted) {
  stand_->execute(kByHand);
  for (const Counts& other : {Counts{{7, "shoes", 6, 60}},
                              Counts{{7, "shoes", 1, 10}, {8, "hats", 2, 20}, {9, "", 3, 31}}}) {
    const std::int64_t epoch = sink_->claim(day()).value();
    expect_loaded(stage(*sink_, adopting(epoch), other, {{"clicks", 1, "b", "r", "m"}}));
    const Status refused = sink_->commit(load_of(other, epoch), {receipt_of(epoch)});
    EXPECT_EQ(refused.code(), Code::needs_decision) << refused.to_string();
    EXPECT_NE(refused.message().find(other.size() == 1 ? "1" : "61"), std::string::npos)
        << "expected: " << refused.message();
    EXPECT_NE(refused.message().find(other.size() == 1 ? "3" : "60"), std::string::npos)
        << "found: " << refused.message();
    sink_->abort();
  }
  EXPECT_EQ(stand_->rows(), kTable);
  EXPECT_FALSE(evidence().load.has_value());
  EXPECT_TRUE(evidence().receipts.empty());
  EXPECT_TRUE(sink_->rejects(day(), 10).value().empty());
}

TEST_P(SinkConformanceTest, AdoptingIsFencedAndKeepsReceipts) {
  stand_->execute(kByHand);
  const std::int64_t old = sink_->claim(day()).value();
  const std::int64_t epoch = bound()->claim(day()).value();
  ASSERT_TRUE(stage(*sink_, adopting(old), kCounts).ok());
  EXPECT_EQ(sink_->commit(load_of(kCounts, old), {receipt_of(old)}).code(), Code::fenced);
  sink_->abort();
  expect_loaded(stage(*sink_, adopting(epoch), kCounts));
  expect_loaded(sink_->commit(load_of(kCounts, epoch), {receipt_of(epoch)}));
  const std::int64_t next = sink_->claim(day()).value();
  ASSERT_TRUE(stage(*sink_, adopting(next), kCounts).ok());
  EXPECT_EQ(sink_->commit(load_of(kCounts, next), {receipt_of(next, 2)}).code(),
            Code::needs_decision)
      << "generation 1 is committed and not among them";
  sink_->abort();
}

INSTANTIATE_TEST_SUITE_P(Sinks, SinkConformanceTest, testing::ValuesIn(sinks_with_receipts()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace daymill
