// Everything that crosses the edge, there and back through a real plugin file.
#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"
#include "recording_host.hpp"

namespace daymill {
namespace {

const Partition kDay{"2026-11-22", 20779, 1795273200000000, 1795359600000000};

class RoundTripTest : public testing::Test {
 protected:
  const PluginComponent& component(ComponentKind kind, std::string_view id) {
    const Result<const PluginComponent*> found = registry_.find(kind, id);
    if (!found.ok()) {
      throw std::runtime_error(found.status().to_string());
    }
    return *found.value();
  }
  std::unique_ptr<Source> numbers(const std::vector<Config::Entry>& entries) {
    return take(make_source(component(ComponentKind::source, "numbers"), entries, host_));
  }
  std::unique_ptr<Transform> echo(const char* swallow = "false") {
    return take(make_transform(component(ComponentKind::transform, "echo"),
                               {{"swallow", "", swallow}}, host_));
  }
  std::unique_ptr<Sink> memory() {
    return take(make_sink(component(ComponentKind::sink, "memory"), {}, host_));
  }
  template <typename T>
  static T take(Result<T> result) {
    if (!result.ok()) {
      throw std::runtime_error(result.status().to_string());
    }
    return std::move(result).value();
  }

  std::shared_ptr<RecordingHost> host_ = std::make_shared<RecordingHost>();
  PluginRegistry registry_ =
      PluginRegistry::load({std::string(DAYMILL_FIXTURE_PLUGINS) + "/good"}, host_);
};

const std::vector<Config::Entry> kFiveRows = {{"splits", "", "2"}, {"rows", "", "5"}};

class Collector final : public Emitter {
 public:
  Status emit(RecordBatch batch) override {
    batches.push_back(std::move(batch));
    return failure;
  }
  Status reject(const Rejection& rejection) override {
    rejections.push_back(std::to_string(rejection.row) + " " + std::string(rejection.reason) + " " +
                         std::string(rejection.message) + " " + std::to_string(rejection.measure) +
                         " " + std::to_string(rejection.amount));
    return failure;
  }
  std::vector<RecordBatch> batches;
  std::vector<std::string> rejections;
  Status failure;
};

TEST_F(RoundTripTest, ComponentsSayWhatTheyAre) {
  const PluginComponent& source = component(ComponentKind::source, "numbers");
  EXPECT_EQ(source.plugin, "numbers");
  EXPECT_EQ(source.version, "1.2.3");
  EXPECT_EQ(source.logic_version, 7);
  EXPECT_TRUE(source.can(DAYMILL_SOURCE_REMOVES_BY_PROOF));
  const PluginComponent& sink = component(ComponentKind::sink, "memory");
  EXPECT_TRUE(sink.can(DAYMILL_SINK_RECEIPTS | DAYMILL_SINK_STORES_REJECTS));
  EXPECT_FALSE(sink.can(DAYMILL_SINK_RECEIPTS | DAYMILL_SINK_FENCES));
}

TEST_F(RoundTripTest, SourceDescribesItself) {
  const auto source = numbers(kFiveRows);
  const Schema typed = take(source->schema());
  ASSERT_EQ(typed.size(), 4u);
  EXPECT_EQ(typed.fields[0], (Field{"number", Type::int64, Role::key, false}));
  EXPECT_EQ(typed.fields[1], (Field{"word", Type::text, Role::key, false}));
  EXPECT_EQ(typed.fields[2], (Field{"count", Type::int64, Role::measure, false}));
  EXPECT_EQ(typed.fields[3], (Field{"note", Type::text, Role::attribute, true}));
  EXPECT_EQ(take(source->raw_schema()).fields[0], (Field{"field", Type::binary, Role::key, false}));

  const std::vector<Split> splits = take(source->plan(kDay));
  ASSERT_EQ(splits.size(), 2u);
  EXPECT_EQ(splits[0].location, "numbers 2026-11-22 split 0");
  EXPECT_TRUE(splits[0].present);
  EXPECT_EQ(splits[1].id, "1");
  EXPECT_FALSE(splits[1].present);
  EXPECT_EQ(splits[1].estimated_rows, 5);
  EXPECT_EQ(splits[1].removals, 1);
  EXPECT_EQ(splits[1].removed_fingerprint, "fingerprint");
  EXPECT_EQ(splits[1].removed_by, "pipeline");
  EXPECT_EQ(splits[1].record_problem, "");
  EXPECT_EQ(take(source->inventory()), (std::vector<std::string>{"2026-11-21", "2026-11-22"}));
  EXPECT_TRUE(take(source->check()).empty());
  EXPECT_EQ(host_->lines(), std::vector<std::string>{"2 numbers: planning 2026-11-22"});
}

TEST_F(RoundTripTest, RowsAreReadDecodedAndRejected) {
  const auto source = numbers(kFiveRows);
  const auto reader = take(source->open(kDay, take(source->plan(kDay))[1]));
  BatchBuilder raw(take(source->raw_schema()));
  int reads = 1;
  while (take(reader->read(raw)) == ReadState::more) {
    ++reads;
  }
  EXPECT_EQ(reads, 3);
  EXPECT_EQ(raw.num_rows(), 5);
  EXPECT_EQ(take(reader->confirm(5)), Scan::stable);
  EXPECT_EQ(take(reader->confirm(4)), Scan::changed);

  const auto decoder = take(source->decoder(kDay, "1"));
  Collector out;
  ASSERT_TRUE(decoder->process(raw.finish(), out).ok());
  ASSERT_TRUE(decoder->finish(out).ok());
  EXPECT_EQ(out.rejections, std::vector<std::string>{"0 field.no_separator 0word1 2 0"});
  ASSERT_EQ(out.batches.size(), 1u);
  const RecordBatch& typed = out.batches[0];
  ASSERT_EQ(typed.num_rows(), 4);
  EXPECT_EQ(typed.column(0).int64s()[3], 4);
  EXPECT_EQ(typed.column(1).bytes_at(3), "word1");
  EXPECT_EQ(typed.column(2).int64s()[3], 40);
  EXPECT_TRUE(typed.column(3).is_null(3));
}

TEST_F(RoundTripTest, RemovalSeesThePluginsOwnReader) {
  const auto source = numbers(kFiveRows);
  const Split split = take(source->plan(kDay))[0];
  const auto reader = take(source->open(kDay, split));
  const RemovalProof proof{reader.get(), 1, "right", "pipeline", "memory:1"};
  EXPECT_EQ(take(source->remove(kDay, split, proof)), Removal::changed);  // not at the end yet
  BatchBuilder raw(take(source->raw_schema()));
  while (take(reader->read(raw)) == ReadState::more) {
  }
  EXPECT_EQ(take(source->remove(kDay, split, proof)), Removal::removed);
  RemovalProof other = proof;
  other.fingerprint = "wrong";
  EXPECT_EQ(take(source->remove(kDay, split, other)), Removal::changed);
  other.reader = nullptr;
  EXPECT_EQ(take(source->remove(kDay, split, other)), Removal::already_removed);

  other.kind = RemovalKind::discard;
  other.generation = 0;
  EXPECT_EQ(take(source->remove(kDay, split, other)), Removal::removed);
  other.kind = RemovalKind::record_only;
  EXPECT_EQ(take(source->remove(kDay, split, other)), Removal::changed);

  const auto stranger = numbers(kFiveRows);
  EXPECT_EQ(stranger->remove(kDay, split, proof).status().code(), Code::internal);
}

TEST_F(RoundTripTest, ReadersOutliveTheirSource) {
  auto source = numbers(kFiveRows);
  const Schema raw_schema = take(source->raw_schema());
  const auto reader = take(source->open(kDay, Split{}));
  source.reset();
  BatchBuilder raw(raw_schema);
  EXPECT_EQ(take(reader->read(raw)), ReadState::more);
  EXPECT_EQ(raw.num_rows(), 2);
}

TEST_F(RoundTripTest, ErrorsKeepCodeWhereAndNextAndNameThePlugin) {
  const auto source = numbers({{"splits", "", "2"}, {"rows", "", "5"}, {"fail", "", "plan"}});
  const Status status = source->plan(kDay).status();
  EXPECT_EQ(status.code(), Code::unavailable);
  EXPECT_EQ(status.message(), "numbers: cannot connect: connection refused");
  EXPECT_EQ(status.where(), "numbers 127.0.0.1:1");
  EXPECT_EQ(status.next(), "start the server");

  const Status refused =
      make_source(component(ComponentKind::source, "numbers"), {{"rows", "", "-1"}}, host_)
          .status();
  EXPECT_EQ(refused.code(), Code::invalid_config);
  EXPECT_EQ(refused.where(), "rows");
}

TEST_F(RoundTripTest, StopIsSeenInside) {
  const auto source = numbers(kFiveRows);
  const auto reader = take(source->open(kDay, Split{}));
  BatchBuilder raw(take(source->raw_schema()));
  host_->stop();
  EXPECT_EQ(reader->read(raw).status().code(), Code::cancelled);
}

Schema every_type() {
  return Schema{{{"b", Type::boolean, Role::key, true},
                 {"i", Type::int64, Role::measure, true},
                 {"f", Type::float64, Role::attribute, true},
                 {"t", Type::text, Role::key, true},
                 {"z", Type::binary, Role::attribute, true},
                 {"d", Type::date, Role::attribute, true},
                 {"s", Type::timestamp, Role::attribute, true}}};
}

RecordBatch rows_of_every_type() {
  BatchBuilder rows(every_type());
  for (std::int64_t i = 0; i < 20; ++i) {
    if (i % 3 == 1) {
      for (std::size_t column = 0; column < rows.num_columns(); ++column) {
        rows.column(column).append_null();
      }
    } else {
      rows.column(0).append_boolean(i % 2 == 0);
      rows.column(1).append_int64(i == 0 ? std::numeric_limits<std::int64_t>::min() : i);
      rows.column(2).append_float64(static_cast<double>(i) / 4);
      rows.column(3).append_bytes(i == 5 ? "" : "größe " + std::to_string(i));
      rows.column(4).append_bytes(std::string_view("\xff\0\x80", 3));
      rows.column(5).append_date(static_cast<std::int32_t>(-i));
      rows.column(6).append_int64(std::numeric_limits<std::int64_t>::max() - i);
    }
    rows.end_row();
  }
  return rows.finish();
}

TEST_F(RoundTripTest, EveryTypeCrossesWithItsNulls) {
  const auto transform = echo();
  EXPECT_EQ(take(transform->bind(every_type())), every_type());
  const auto lane = take(transform->open(kDay));
  Collector out;
  ASSERT_TRUE(lane->process(rows_of_every_type(), out).ok());
  ASSERT_TRUE(lane->finish(out).ok());
  ASSERT_EQ(out.batches.size(), 1u);
  const RecordBatch expected = rows_of_every_type();
  const RecordBatch& got = out.batches[0];
  ASSERT_EQ(got.num_rows(), expected.num_rows());
  for (std::int64_t row = 0; row < 20; ++row) {
    for (std::size_t i = 0; i < 7; ++i) {
      ASSERT_EQ(got.column(i).is_null(row), expected.column(i).is_null(row)) << row << " " << i;
    }
    EXPECT_EQ(got.column(0).boolean(row), expected.column(0).boolean(row));
    EXPECT_EQ(got.column(1).int64s()[row], expected.column(1).int64s()[row]);
    EXPECT_EQ(got.column(2).float64s()[row], expected.column(2).float64s()[row]);
    EXPECT_EQ(got.column(3).bytes_at(row), expected.column(3).bytes_at(row));
    EXPECT_EQ(got.column(4).bytes_at(row), expected.column(4).bytes_at(row));
    EXPECT_EQ(got.column(5).dates()[row], expected.column(5).dates()[row]);
    EXPECT_EQ(got.column(6).int64s()[row], expected.column(6).int64s()[row]);
  }
}

TEST_F(RoundTripTest, EmptyBatchesCross) {
  const auto transform = echo();
  ASSERT_TRUE(transform->bind(every_type()).ok());
  const auto lane = take(transform->open(kDay));
  Collector out;
  ASSERT_TRUE(lane->process(BatchBuilder(every_type()).finish(), out).ok());
  ASSERT_EQ(out.batches.size(), 1u);
  EXPECT_EQ(out.batches[0].num_rows(), 0);
}

TEST_F(RoundTripTest, TheEnginesErrorComesBackAsItWas) {
  for (const char* swallow : {"false", "true"}) {
    const auto transform = echo(swallow);
    ASSERT_TRUE(transform->bind(every_type()).ok());
    const auto lane = take(transform->open(kDay));
    Collector out;
    out.failure = Status(Code::resource_exhausted, "disk full").at("/data").next("make room");
    const Status status = lane->process(rows_of_every_type(), out);
    EXPECT_EQ(status.code(), Code::resource_exhausted);
    EXPECT_EQ(status.message(), "disk full");
    EXPECT_EQ(status.where(), "/data");
    EXPECT_EQ(status.next(), "make room");
  }
}

TEST_F(RoundTripTest, BatchesAreCheckedAgainstTheBoundSchema) {
  const auto transform = echo();
  EXPECT_EQ(transform->open(kDay).status().code(), Code::internal);
  Schema strict = every_type();
  strict.fields[1].nullable = false;  // rows_of_every_type() has nulls there
  ASSERT_TRUE(transform->bind(strict).ok());
  const auto lane = take(transform->open(kDay));
  Collector out;
  const Status status = lane->process(rows_of_every_type(), out);
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_NE(status.message().find("echo: the plugin breaks the interface"), std::string::npos);
  EXPECT_NE(status.message().find("null count of column i (int64) is 7, expected 0"),
            std::string::npos)
      << status.message();
  EXPECT_TRUE(out.batches.empty());
}

TEST_F(RoundTripTest, SinkTakesALoadAndGivesItsEvidence) {
  const auto source = numbers(kFiveRows);
  const auto sink = memory();
  EXPECT_EQ(take(sink->identity()), "memory:1");
  ASSERT_TRUE(sink->bind(take(source->schema()), "ad_ctr").ok());
  EXPECT_EQ(sink->bind(Schema{}, "ad_ctr").code(), Code::schema_mismatch);
  const Evidence none = take(sink->receipts(kDay, false));
  EXPECT_EQ(none.epoch, 0);
  EXPECT_FALSE(none.load.has_value());
  EXPECT_EQ(take(sink->claim(kDay)), 1);
  ASSERT_TRUE(sink->begin(Attempt{kDay, 1, "run-1", true}).ok());

  const auto writer = take(sink->open());
  BatchBuilder rows(take(source->schema()));
  rows.column(0).append_int64(7);
  rows.column(1).append_bytes("shoes");
  rows.column(2).append_int64(3);
  rows.column(3).append_null();
  rows.end_row();
  ASSERT_TRUE(writer->write(rows.finish()).ok());
  ASSERT_TRUE(writer->finish().ok());
  ASSERT_TRUE(
      sink->reject({{"0", 1, std::string("\xff\0", 2), "field.no_separator", "no colon"}}).ok());

  Load load;
  load.epoch = 1;
  load.pipeline = "ad_ctr";
  load.run_id = "run-1";
  load.rows_out = 1;
  load.rejected = 2;
  load.filtered = 3;
  load.sums = {{"count", 3}, {"other", -5}};
  load.config_digest = "digest";
  load.plugins = "{\"numbers\":\"1.2.3\"}";
  const std::vector<Receipt> receipts = {{"0", 1, 1, "f0", 5, "0.snap", false},
                                         {"1", 2, 1, "f1", 6, "1.snap", true}};
  Load lost = load;
  lost.run_id = "lost";
  EXPECT_EQ(sink->commit(lost, receipts).code(), Code::commit_unknown);
  ASSERT_TRUE(sink->commit(load, receipts).ok());
  ASSERT_TRUE(sink->mark_removed(kDay, "0", 1).ok());
  sink->abort();

  const Evidence evidence = take(sink->receipts(kDay, true));
  EXPECT_EQ(evidence.epoch, 1);
  ASSERT_TRUE(evidence.load.has_value());
  EXPECT_EQ(evidence.load->pipeline, "ad_ctr");
  EXPECT_EQ(evidence.load->run_id, "run-1");
  EXPECT_EQ(evidence.load->rows_out, 1);
  EXPECT_EQ(evidence.load->rejected, 2);
  EXPECT_EQ(evidence.load->filtered, 3);
  EXPECT_EQ(evidence.load->sums, load.sums);
  EXPECT_EQ(evidence.load->config_digest, "digest");
  EXPECT_EQ(evidence.load->plugins, load.plugins);
  EXPECT_EQ(evidence.load->committed_at, "2026-11-23T00:30:00Z");
  ASSERT_EQ(evidence.receipts.size(), 2u);
  EXPECT_TRUE(evidence.receipts[0].removed);
  EXPECT_EQ(evidence.receipts[0].removed_at, "2026-11-23T00:31:00Z");
  EXPECT_EQ(evidence.receipts[1].removed_at, "");
  EXPECT_EQ(evidence.receipts[1].split, "1");
  EXPECT_EQ(evidence.receipts[1].generation, 2);
  EXPECT_EQ(evidence.receipts[1].fingerprint, "f1");
  EXPECT_EQ(evidence.receipts[1].rows_in, 6);
  EXPECT_EQ(evidence.receipts[1].snapshot, "1.snap");
  EXPECT_EQ(evidence.difference, "found 1 row more");

  EXPECT_EQ(take(sink->check()),
            (std::vector<std::string>{
                "bound by ad_ctr with number as key", "receipts of 2026-11-22",
                "begin 2026-11-22 day 20779 from 1795273200000000 to 1795359600000000 epoch 1 "
                "run run-1 replacing",
                "row 7 shoes 3 null", "reject 0 1 \\xff\\x00 field.no_separator no colon", "abort",
                "receipts of 2026-11-22 settled"}));
}

TEST_F(RoundTripTest, SinkKeepsDecisionsAndTellsItsHistory) {
  const auto sink = memory();
  const std::string detail = "found \"3\", expected \xE2\x82\xAC";
  ASSERT_TRUE(sink->note_decision(kDay, {"as-new", "ann@desk", "counted twice", detail, ""}).ok());
  ASSERT_TRUE(sink->note_decision(kDay, {"discard", "", "", "", ""}).ok());
  const std::vector<OperatorDecision> decisions = take(sink->receipts(kDay, false)).decisions;
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[0].choice, "as-new");
  EXPECT_EQ(decisions[0].decided_by, "ann@desk");
  EXPECT_EQ(decisions[0].reason, "counted twice");
  EXPECT_EQ(decisions[0].detail, detail);
  EXPECT_EQ(decisions[0].decided_at, "2026-11-23T00:32:00Z");
  EXPECT_EQ(decisions[1].choice, "discard");

  ASSERT_TRUE(sink->begin(Attempt{kDay, 1, "run"}).ok());
  Load load;
  load.rows_out = 4;
  load.sums = {{"count", 9}};
  ASSERT_TRUE(
      sink->commit(load, {{"0", 1, 1, "f0", 5, "0.snap", true, "2026-11-23T00:33:00Z"}}).ok());
  const std::vector<PartitionEvidence> history = take(sink->history());
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].partition, "2026-11-21");
  EXPECT_EQ(history[0].evidence.epoch, 0);
  EXPECT_FALSE(history[0].evidence.load.has_value());
  EXPECT_TRUE(history[0].evidence.receipts.empty());
  EXPECT_TRUE(history[0].evidence.decisions.empty());
  EXPECT_EQ(history[1].partition, "2026-11-22");
  ASSERT_TRUE(history[1].evidence.load.has_value());
  EXPECT_EQ(history[1].evidence.load->rows_out, 4);
  EXPECT_EQ(history[1].evidence.load->sums, load.sums);
  ASSERT_EQ(history[1].evidence.receipts.size(), 1u);
  EXPECT_EQ(history[1].evidence.receipts[0].removed_at, "2026-11-23T00:33:00Z");
  EXPECT_EQ(history[1].evidence.decisions.size(), 2u);
}

TEST_F(RoundTripTest, SinkComparesAndGivesItsRejects) {
  const auto sink = memory();
  const Difference whole = take(sink->difference(10));
  EXPECT_EQ(whole.rows_before, 5);
  EXPECT_EQ(whole.rows_after, 6);
  EXPECT_EQ(whole.added, 3);
  EXPECT_EQ(whole.changed, 1);
  EXPECT_EQ(whole.removed, 2);
  EXPECT_FALSE(whole.empty());
  EXPECT_EQ(whole.before, (std::vector<Sum>{{"count", -4}}));
  EXPECT_EQ(whole.after, (std::vector<Sum>{{"count", 7}, {"other", 0}}));
  ASSERT_EQ(whole.examples.size(), 3u);
  EXPECT_EQ(whole.examples[0].kind, RowChangeKind::added);
  EXPECT_EQ(whole.examples[0].key, "7, shoes");
  EXPECT_EQ(whole.examples[0].after, "count 3");
  EXPECT_EQ(whole.examples[1].kind, RowChangeKind::changed);
  EXPECT_EQ(whole.examples[1].before, "note null");
  EXPECT_EQ(whole.examples[2].kind, RowChangeKind::removed);
  EXPECT_EQ(whole.examples[2].before, "count 4");
  EXPECT_EQ(take(sink->difference(1)).examples.size(), 1u);

  const std::string raw("\xff\0x", 3);
  ASSERT_TRUE(sink->reject({{"0", 3, raw, "reason", "message"}, {"", 0, "", "", ""}}).ok());
  const std::vector<RejectRow> rejects = take(sink->rejects(kDay, 7));
  ASSERT_EQ(rejects.size(), 2u);
  EXPECT_EQ(rejects[0].split, "0");
  EXPECT_EQ(rejects[0].generation, 3);
  EXPECT_EQ(rejects[0].raw, raw);
  EXPECT_EQ(rejects[0].reason, "reason");
  EXPECT_EQ(rejects[0].message, "message");
  EXPECT_EQ(rejects[1].raw, "");
  EXPECT_EQ(take(sink->check()).back(), "rejects of 2026-11-22 at most 7");
}

TEST_F(RoundTripTest, AttemptsMayAdoptOrRehearse) {
  const auto sink = memory();
  ASSERT_TRUE(sink->begin(Attempt{Partition{"d", 1, 2, 3}, 4, "run", false, true}).ok());
  ASSERT_TRUE(sink->begin(Attempt{Partition{"d", 1, 2, 3}, 0, "run", true, true}).ok());
  EXPECT_EQ(take(sink->check()),
            (std::vector<std::string>{"begin d day 1 from 2 to 3 epoch 4 run run adopting",
                                      "begin d day 1 from 2 to 3 epoch 0 run run replacing "
                                      "adopting"}));
}

TEST_F(RoundTripTest, AWriterThatIsDroppedGivesUp) {
  const auto sink = memory();
  take(sink->open()).reset();
  EXPECT_EQ(take(sink->check()), std::vector<std::string>{"given up"});
}

}  // namespace
}  // namespace daymill
