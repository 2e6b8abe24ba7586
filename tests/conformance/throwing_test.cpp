// Nothing that a plugin throws leaves it: every function answers with a code and a text.
#include <gtest/gtest.h>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"
#include "recording_host.hpp"

namespace daymill {
namespace {

class DiscardingEmitter final : public Emitter {
  Status emit(RecordBatch /*batch*/) override { return {}; }
  Status reject(const Rejection& /*rejection*/) override { return {}; }
};

class ThrowingTest : public testing::Test {
 protected:
  const PluginComponent& component(ComponentKind kind) {
    return *registry_.find(kind, "throwing").value();
  }
  static void expect_internal(const Status& status) {
    EXPECT_EQ(status.code(), Code::internal);
    EXPECT_EQ(status.message(), "throwing: uncaught exception: thrown on purpose");
  }

  std::shared_ptr<RecordingHost> host_ = std::make_shared<RecordingHost>();
  PluginRegistry registry_ =
      PluginRegistry::load({std::string(DAYMILL_FIXTURE_PLUGINS) + "/good"}, host_);
  Partition day_{"2026-11-22", 20779, 0, 0};
};

TEST_F(ThrowingTest, Create) {
  const std::vector<Config::Entry> throws = {{"create", "", "true"}};
  expect_internal(make_source(component(ComponentKind::source), throws, host_).status());
  const Status memory = make_transform(component(ComponentKind::transform), throws, host_).status();
  EXPECT_EQ(memory.code(), Code::resource_exhausted);
  EXPECT_EQ(memory.message(), "throwing: no memory left (std::bad_alloc)");
  const Status unknown = make_sink(component(ComponentKind::sink), throws, host_).status();
  EXPECT_EQ(unknown.code(), Code::internal);
  EXPECT_EQ(unknown.message(), "throwing: uncaught exception of an unknown type");
}

TEST_F(ThrowingTest, Source) {
  auto throwing = make_source(component(ComponentKind::source), {{"schema", "", "true"}}, host_);
  ASSERT_TRUE(throwing.ok());
  Source& source = **throwing;
  expect_internal(source.schema().status());
  expect_internal(source.raw_schema().status());
  expect_internal(source.open(day_, Split{}).status());
  expect_internal(source.decoder(day_, "split").status());
  expect_internal(source.plan(day_).status());
  expect_internal(source.remove(day_, Split{}, RemovalProof{}).status());
  expect_internal(source.inventory().status());
  expect_internal(source.check().status());
}

TEST_F(ThrowingTest, ReaderAndDecoder) {
  auto made = make_source(component(ComponentKind::source), {{"schema", "", "false"}}, host_);
  ASSERT_TRUE(made.ok());
  Source& source = **made;
  Split split;
  split.id = "throws";
  expect_internal(source.open(day_, split).status());
  expect_internal(source.decoder(day_, "throws").status());
  auto reader = source.open(day_, Split{});
  ASSERT_TRUE(reader.ok());
  BatchBuilder rows{Schema{}};
  expect_internal((*reader)->read(rows).status());
  EXPECT_EQ((*reader)->confirm(0).status().message(),
            "throwing: uncaught exception of an unknown type");
  auto lane = source.decoder(day_, "split");
  ASSERT_TRUE(lane.ok());
  DiscardingEmitter out;
  expect_internal((*lane)->process(RecordBatch(), out));
  EXPECT_EQ((*lane)->finish(out).code(), Code::resource_exhausted);
}

TEST_F(ThrowingTest, Transform) {
  auto made = make_transform(component(ComponentKind::transform), {}, host_);
  ASSERT_TRUE(made.ok());
  expect_internal((*made)->bind(Schema{{Field{}}}).status());
  ASSERT_TRUE((*made)->bind(Schema{}).ok());
  expect_internal((*made)->open(day_).status());
}

TEST_F(ThrowingTest, SinkAndWriter) {
  auto made = make_sink(component(ComponentKind::sink), {}, host_);
  ASSERT_TRUE(made.ok());
  Sink& sink = **made;
  expect_internal(sink.bind(Schema{}, "pipeline"));
  expect_internal(sink.receipts(day_, false).status());
  expect_internal(sink.claim(day_).status());
  expect_internal(sink.begin(Attempt{}));
  expect_internal(sink.reject({}));
  expect_internal(sink.commit(Load{}, {}));
  expect_internal(sink.mark_removed(day_, "split", 1));
  expect_internal(sink.identity().status());
  expect_internal(sink.check().status());
  expect_internal(sink.history().status());
  expect_internal(sink.difference(1).status());
  expect_internal(sink.rejects(day_, 1).status());
  expect_internal(sink.note_decision(day_, OperatorDecision{}));
  sink.abort();
  auto writer = sink.open();
  ASSERT_TRUE(writer.ok());
  expect_internal((*writer)->write(RecordBatch()));
  expect_internal((*writer)->finish());
}

}  // namespace
}  // namespace daymill
