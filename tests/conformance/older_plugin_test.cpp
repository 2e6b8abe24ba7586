// A plugin that was built for interface 1.0 loads and works; what came with 1.1 is UNSUPPORTED, and
// never done in another way than was asked.
#include <gtest/gtest.h>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"
#include "recording_host.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

const Partition kDay{"2026-11-22", 20779, 1795273200000000, 1795359600000000};

class OlderPluginTest : public testing::Test {
 protected:
  const PluginComponent& component(ComponentKind kind) {
    const auto found = registry_.find(kind, "older");
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return *found.value();
  }
  std::unique_ptr<Source> source() {
    auto made = make_source(component(ComponentKind::source), {}, host_);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    return std::move(made).value();
  }
  std::unique_ptr<Sink> sink() {
    auto made = make_sink(component(ComponentKind::sink), {}, host_);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    return std::move(made).value();
  }

  std::shared_ptr<RecordingHost> host_ = std::make_shared<RecordingHost>();
  PluginRegistry registry_ =
      PluginRegistry::load({std::string(DAYMILL_FIXTURE_PLUGINS) + "/older"}, host_);
};

void expect_unsupported(const Status& status, const std::string& what) {
  EXPECT_EQ(status.code(), Code::unsupported) << status.to_string();
  EXPECT_NE(status.message().find(what), std::string::npos) << status.message();
}

TEST_F(OlderPluginTest, IsKnownAsWhatItIs) {
  EXPECT_EQ(component(ComponentKind::source).abi_minor, 0);
  EXPECT_EQ(component(ComponentKind::sink).abi_minor, 0);
}

TEST_F(OlderPluginTest, ItsSourceReadsAndRemoves) {
  const auto older = source();
  const auto splits = older->plan(kDay);
  ASSERT_TRUE(splits.ok()) << splits.status().to_string();
  ASSERT_EQ(splits->size(), 1u);
  const Split& split = splits->at(0);
  EXPECT_EQ(split.id, "only");
  auto reader = older->open(kDay, split);
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  BatchBuilder rows(older->raw_schema().value());
  EXPECT_EQ((*reader)->read(rows).value(), ReadState::end);
  EXPECT_EQ(rows.num_rows(), 3);
  RemovalProof proof{reader->get(), 1, "f", "pipeline", "sink"};
  EXPECT_EQ(older->remove(kDay, split, proof).value(), Removal::removed);
  proof.generation = 2;
  EXPECT_EQ(older->remove(kDay, split, proof).value(), Removal::changed);
}

TEST_F(OlderPluginTest, ItsSourceIsNotAskedToRemoveByDecision) {
  const auto older = source();
  const Split split = older->plan(kDay).value().at(0);
  const auto reader = older->open(kDay, split).value();
  for (const RemovalKind kind : {RemovalKind::discard, RemovalKind::record_only}) {
    const RemovalProof decided{reader.get(), 1, "f", "pipeline", "sink", kind};
    const Status refused = older->remove(kDay, split, decided).status();
    expect_unsupported(refused,
                       "older: the plugin was built for plugin interface 1.0, which does not know "
                       "removal by decision");
    EXPECT_EQ(refused.next(), "rebuild the plugin against this daymill's headers");
  }
}

TEST_F(OlderPluginTest, ItsSinkTakesALoadAndGivesItsEvidence) {
  const auto older = sink();
  const Schema rows{{{"n", Type::int64, Role::key, false}}};
  ASSERT_TRUE(older->bind(rows, "pipeline").ok());
  EXPECT_EQ(older->identity().value(), "older:1");
  EXPECT_TRUE(older->check().value().empty());
  const std::int64_t epoch = older->claim(kDay).value();
  ASSERT_TRUE(older->begin(Attempt{kDay, epoch, "run"}).ok());
  auto writer = older->open();
  ASSERT_TRUE(writer.ok());
  BatchBuilder batch(rows);
  batch.column(0).append_int64(7);
  batch.end_row();
  ASSERT_TRUE((*writer)->write(batch.finish()).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  ASSERT_TRUE(older->reject({{"s", 1, "raw", "r", "m"}}).ok());
  Load load;
  load.epoch = epoch;
  load.rows_out = 1;
  ASSERT_TRUE(
      older
          ->commit(load, {{"first", 1, epoch, "f1", 5, "a.snap", false, {}},
                          {"second", 2, epoch, "f2", 6, "b.snap", true, "2026-11-22T01:02:03Z"}})
          .ok());
  ASSERT_TRUE(older->mark_removed(kDay, "first", 1).ok());

  const auto evidence = older->receipts(kDay, true);
  ASSERT_TRUE(evidence.ok()) << evidence.status().to_string();
  EXPECT_EQ(evidence->epoch, epoch);
  ASSERT_TRUE(evidence->load.has_value());
  EXPECT_EQ(evidence->load->rows_out, 1);
  ASSERT_EQ(evidence->receipts.size(), 2u);
  EXPECT_EQ(evidence->receipts[0].split, "first");
  EXPECT_TRUE(evidence->receipts[0].removed);
  EXPECT_EQ(evidence->receipts[1].split, "second");
  EXPECT_EQ(evidence->receipts[1].generation, 2);
  EXPECT_EQ(evidence->receipts[1].fingerprint, "f2");
  EXPECT_EQ(evidence->receipts[1].rows_in, 6);
  EXPECT_EQ(evidence->receipts[1].removed_at, "") << "1.0 does not say when";
  EXPECT_TRUE(evidence->decisions.empty());
}

TEST_F(OlderPluginTest, ItsSinkHasNothingOfWhatCameLater) {
  const auto older = sink();
  expect_unsupported(older->history().status(), "history");
  expect_unsupported(older->difference(1).status(), "compare");
  expect_unsupported(older->rejects(kDay, 1).status(), "rejects");
  expect_unsupported(older->note_decision(kDay, OperatorDecision{}), "decisions");
  Attempt attempt{kDay, 1, "run"};
  attempt.adopt = true;  // a sink of 1.0 would replace the rows
  expect_unsupported(older->begin(attempt), "does not know adopting");
  expect_unsupported(older->begin(Attempt{kDay, 0, "run"}), "does not know rehearsals");
}

// ---- The real program with it

support::ProcessResult run_day(const support::TemporaryFolder& folder,
                               const std::string& pipeline) {
  folder.write("pipeline.json", pipeline);
  return support::run_process(
      {.argv = {DAYMILL_PROGRAM, "run", "pipeline.json", "--date", "2026-11-22", "--output",
                "json"},
       .environment = {{"DAYMILL_HOME", (folder / "home").string()},
                       {"DAYMILL_PLUGIN_PATH", std::string(DAYMILL_FIXTURE_PLUGINS) + "/older"}},
       .folder = folder.path()});
}

TEST(OlderPluginProgramTest, ItsSourceFillsAFile) {
  const support::TemporaryFolder folder("older");
  const auto end = run_day(folder, R"({"name": "older", "partition": {"every": "day"},
    "source": {"plugin": "older"},
    "sink": {"plugin": "csv", "config": {"path": "{date}.csv"}}})");
  ASSERT_EQ(end.exit_code, 0) << end.standard_output << end.standard_error;
  const std::string file = support::read_file(folder / "2026-11-22.csv");
  EXPECT_EQ(file.size(), std::string("n\n1\n2\n3\n").size()) << file;
  for (const char* row : {"n\n", "\n1\n", "\n2\n", "\n3\n"}) {
    EXPECT_NE(file.find(row), std::string::npos) << file;  // rows have no order
  }
}

TEST(OlderPluginProgramTest, ItsSinkTakesADay) {
  const support::TemporaryFolder folder("older");
  folder.write("in-2026-11-22.csv", "n,clicks\n1,5\n2,6\n");
  const auto end = run_day(folder, R"({"name": "older", "partition": {"every": "day"},
    "source": {"plugin": "csv", "config": {"path": "in-{date}.csv",
      "columns": {"n": "int64", "clicks": "int64"}, "keys": ["n"], "measures": ["clicks"]}},
    "sink": {"plugin": "older"}})");
  ASSERT_EQ(end.exit_code, 0) << end.standard_output << end.standard_error;
  EXPECT_NE(end.standard_output.find("\"out\":2"), std::string::npos) << end.standard_output;
}

}  // namespace
}  // namespace daymill
