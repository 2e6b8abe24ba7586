// Proxies over tables written by hand: what older, lazy or wrong plugins may leave out or answer.
// Well-behaved plugins are the business of tests/conformance.
#include "plugin/proxies.hpp"

#include <gtest/gtest.h>

#include <cstddef>

#include "plugin/plugin_table_check.hpp"

namespace daymill {
namespace {

class SilentHost final : public HostServices {
  void log(std::int32_t /*level*/, std::string_view /*plugin*/,
           std::string_view /*message*/) override {
    throw std::runtime_error("must not reach the plugin");
  }
  [[nodiscard]] bool stop_requested() const override { throw std::runtime_error("nor this"); }
};

int destroyed = 0;
std::int32_t read_state = DAYMILL_READ_END;

daymill_code create(const daymill_host* host, const daymill_config* /*config*/, void** out,
                    daymill_error* /*error*/) {
  host->log(host->self, DAYMILL_LOG_INFO, daymill_text{"created", 7});
  EXPECT_EQ(host->stop_requested(host->self), 0);
  static int object;
  *out = &object;
  return DAYMILL_OK;
}
daymill_code create_nothing(const daymill_host* /*host*/, const daymill_config* /*config*/,
                            void** /*out*/, daymill_error* /*error*/) {
  return DAYMILL_OK;
}
void destroy(void* /*self*/) {
  ++destroyed;
}
daymill_code one_column(void* /*self*/, daymill_schema* out, daymill_error* /*error*/) {
  static daymill_field field;
  field.struct_size = sizeof field;
  field.name = {"n", 1};
  field.format = {"l", 1};
  field.role = DAYMILL_ROLE_KEY;
  out->n_fields = 1;
  out->fields = &field;
  return DAYMILL_OK;
}
daymill_code read_nothing(void* /*self*/, ArrowArray* /*batch*/, std::int32_t* state,
                          daymill_error* /*error*/) {
  *state = read_state;
  return DAYMILL_OK;
}
const daymill_reader_functions kReader = {sizeof(daymill_reader_functions), destroy, read_nothing,
                                          nullptr, nullptr};
const daymill_reader_functions kNoRead = {offsetof(daymill_reader_functions, read), destroy,
                                          nullptr, nullptr, nullptr};
daymill_code open_reader(void* self, const daymill_partition* /*partition*/,
                         const daymill_split* split, daymill_reader* out,
                         daymill_error* /*error*/) {
  const std::string_view id(split->id.data, split->id.size);
  if (id != "nothing") {
    *out = daymill_reader{id == "no_read" ? &kNoRead : &kReader, self};
  }
  return DAYMILL_OK;
}
daymill_code no_splits(void* /*self*/, const daymill_partition* /*partition*/,
                       daymill_split_list* /*out*/, daymill_error* /*error*/) {
  return DAYMILL_OK;
}
daymill_code no_lane(void* /*self*/, const daymill_partition* /*partition*/, daymill_text /*split*/,
                     daymill_lane* /*out*/, daymill_error* /*error*/) {
  return DAYMILL_OK;
}

/// A source as a plugin that knows nothing after `decoder` would have it.
daymill_source_functions old_source() {
  daymill_source_functions table{};
  table.struct_size = offsetof(daymill_source_functions, remove);
  table.create = create;
  table.destroy = destroy;
  table.schema = one_column;
  table.raw_schema = one_column;
  table.plan = no_splits;
  table.open = open_reader;
  table.decoder = no_lane;
  // Behind the end of the table: must not be called.
  table.check = [](void*, daymill_text_list*, daymill_error*) -> daymill_code { std::abort(); };
  return table;
}

class ProxiesTest : public testing::Test {
 protected:
  ProxiesTest() {
    component_.id = "old";
    component_.functions = &table_;
  }
  std::unique_ptr<Source> source() {
    auto made = make_source(component_, {}, std::make_shared<SilentHost>());
    EXPECT_TRUE(made.ok());
    return std::move(made).value();
  }
  static Split split(const char* id) {
    Split named;
    named.id = id;
    return named;
  }

  daymill_source_functions table_ = old_source();
  PluginComponent component_;
  Partition day_;
};

TEST_F(ProxiesTest, OptionalFunctionsMayBeMissing) {
  const auto old = source();
  EXPECT_TRUE(old->check().value().empty());
  EXPECT_EQ(old->inventory().status().code(), Code::unsupported);
  EXPECT_EQ(old->remove(day_, Split{}, RemovalProof{}).status().code(), Code::unsupported);
  auto reader = old->open(day_, split("reader"));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->confirm(1).value(), Scan::stable);
  BatchBuilder rows(old->raw_schema().value());
  EXPECT_EQ((*reader)->read(rows).value(), ReadState::end);
  EXPECT_EQ(rows.num_rows(), 0);
}

TEST_F(ProxiesTest, BreachesOfTheInterfaceAreNamed) {
  const auto old = source();
  for (const char* id : {"nothing", "no_read"}) {
    const Status status = old->open(day_, split(id)).status();
    EXPECT_EQ(status.code(), Code::internal);
    EXPECT_NE(status.message().find("old: the plugin breaks the interface"), std::string::npos);
  }
  EXPECT_EQ(old->decoder(day_, "split").status().code(), Code::internal);
  auto reader = old->open(day_, split("reader"));
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->position().status().code(), Code::internal) << "it has none";
  read_state = 3;
  BatchBuilder rows(old->raw_schema().value());
  const Status status = (*reader)->read(rows).status();
  read_state = DAYMILL_READ_END;
  EXPECT_NE(status.message().find("read answered 3"), std::string::npos) << status.message();
  table_.create = create_nothing;
  EXPECT_EQ(make_source(component_, {}, std::make_shared<SilentHost>()).status().code(),
            Code::internal);
}

TEST_F(ProxiesTest, EverythingIsDestroyedOnceAndTheSourceLast) {
  destroyed = 0;
  auto old = source();
  auto reader = old->open(day_, split("reader"));
  ASSERT_TRUE(reader.ok());
  old.reset();
  EXPECT_EQ(destroyed, 0);
  reader.value().reset();
  EXPECT_EQ(destroyed, 2);
}

TEST_F(ProxiesTest, AnOlderSourceIsNotAskedToRemoveByDecision) {
  component_.capabilities = DAYMILL_SOURCE_REMOVES_BY_PROOF;
  table_.struct_size = sizeof table_;
  table_.remove = [](void*, const daymill_partition*, const daymill_split*,
                     const daymill_removal* removal, std::int32_t* answer, daymill_error*) {
    *answer = removal->kind == DAYMILL_REMOVE_BY_PROOF ? DAYMILL_REMOVED : DAYMILL_REMOVAL_CHANGED;
    return daymill_code{DAYMILL_OK};
  };
  RemovalProof proof;
  RemovalProof decided;
  decided.kind = RemovalKind::discard;
  EXPECT_EQ(source()->remove(day_, Split{}, decided).value(), Removal::changed);
  component_.abi_minor = 0;
  EXPECT_EQ(source()->remove(day_, Split{}, decided).status().code(), Code::unsupported);
  EXPECT_EQ(source()->remove(day_, Split{}, proof).value(), Removal::removed);
}

int begun = 0;

/// A sink without anything that is optional.
daymill_sink_functions bare_sink() {
  daymill_sink_functions table{};
  table.struct_size = sizeof table;
  table.create = create;
  table.destroy = destroy;
  table.begin = [](void*, const daymill_attempt*, daymill_error*) {
    ++begun;
    return daymill_code{DAYMILL_OK};
  };
  return table;
}

class SinkProxyTest : public testing::Test {
 protected:
  SinkProxyTest() {
    component_.kind = ComponentKind::sink;
    component_.id = "bare";
    component_.functions = &table_;
  }
  std::unique_ptr<Sink> sink() {
    auto made = make_sink(component_, {}, std::make_shared<SilentHost>());
    EXPECT_TRUE(made.ok());
    return std::move(made).value();
  }
  void expect_nothing_of_1_1() {
    const auto bare = sink();
    EXPECT_EQ(bare->history().status().code(), Code::unsupported);
    EXPECT_EQ(bare->difference(1).status().code(), Code::unsupported);
    EXPECT_EQ(bare->rejects(day_, 1).status().code(), Code::unsupported);
    EXPECT_EQ(bare->note_decision(day_, OperatorDecision{}).code(), Code::unsupported);
    EXPECT_TRUE(bare->check().value().empty());
  }

  daymill_sink_functions table_ = bare_sink();
  PluginComponent component_;
  Partition day_;
};

TEST_F(SinkProxyTest, FunctionsThatAreNullAreUnsupported) {
  expect_nothing_of_1_1();
}

TEST_F(SinkProxyTest, FunctionsBehindTheEndOfTheTableAreNotCalled) {
  table_.struct_size = offsetof(daymill_sink_functions, history);
  table_.history = [](void*, daymill_history*, daymill_error*) -> daymill_code { std::abort(); };
  table_.difference = [](void*, std::int64_t, daymill_difference*, daymill_error*) -> daymill_code {
    std::abort();
  };
  table_.rejects = [](void*, const daymill_partition*, std::int64_t, daymill_reject_list*,
                      daymill_error*) -> daymill_code { std::abort(); };
  table_.note_decision = [](void*, const daymill_partition*, const daymill_decision*,
                            daymill_error*) -> daymill_code { std::abort(); };
  expect_nothing_of_1_1();
}

TEST_F(SinkProxyTest, AnOlderSinkIsNotAskedToAdoptOrRehearse) {
  component_.abi_minor = 0;
  begun = 0;
  Attempt adopting{day_, 1, "run"};
  adopting.adopt = true;
  EXPECT_EQ(sink()->begin(adopting).code(), Code::unsupported);
  EXPECT_EQ(sink()->begin(Attempt{day_, 0, "run"}).code(), Code::unsupported);
  EXPECT_EQ(begun, 0);
  EXPECT_TRUE(sink()->begin(Attempt{day_, 1, "run"}).ok());
  component_.abi_minor = 1;
  EXPECT_TRUE(sink()->begin(adopting).ok());
  EXPECT_TRUE(sink()->begin(Attempt{day_, 0, "run"}).ok());
  EXPECT_EQ(begun, 3);
}

TEST_F(SinkProxyTest, EvidenceOf10IsReadWithoutWhatItLacks) {
  table_.receipts = [](void*, const daymill_partition*, std::int32_t, daymill_evidence* out,
                       daymill_error*) {
    static daymill_receipt receipt;
    receipt.struct_size = offsetof(daymill_receipt, removed_at);
    receipt.split = {"s", 1};
    receipt.removed_at = {"poison", 6};
    out->struct_size = offsetof(daymill_evidence, n_decisions);
    out->epoch = 3;
    out->n_receipts = 1;
    out->receipts = &receipt;
    out->n_decisions = 99;
    return daymill_code{DAYMILL_OK};
  };
  const Evidence evidence = sink()->receipts(day_, false).value();
  EXPECT_EQ(evidence.epoch, 3);
  ASSERT_EQ(evidence.receipts.size(), 1u);
  EXPECT_EQ(evidence.receipts[0].split, "s");
  EXPECT_EQ(evidence.receipts[0].removed_at, "");
  EXPECT_TRUE(evidence.decisions.empty());
}

/// A whole plugin around old_source().
class TableTest : public testing::Test {
 protected:
  TableTest() {
    component_.struct_size = sizeof component_;
    component_.kind = DAYMILL_KIND_SOURCE;
    component_.id = "old";
    component_.config_spec = "{\"summary\":\"s\",\"fields\":[]}";
    component_.functions = &table_;
    info_.struct_size = sizeof info_;
    info_.abi_major = DAYMILL_ABI_MAJOR;
    info_.abi_minor = DAYMILL_ABI_MINOR;
    info_.magic = DAYMILL_PLUGIN_MAGIC;
    info_.name = "old";
    info_.version = "1";
    info_.n_components = 1;
    info_.components = components_;
  }
  std::string refusal() { return check_plugin_table(&info_).status().message(); }

  daymill_source_functions table_ = old_source();
  daymill_component component_{};
  const daymill_component* components_[2] = {&component_, &component_};
  daymill_plugin_info info_{};
};

TEST_F(TableTest, AcceptsAShorterTable) {
  ASSERT_TRUE(check_plugin_table(&info_).ok()) << refusal();
  EXPECT_EQ(check_plugin_table(&info_).value()[0].plugin, "old");
  EXPECT_EQ(check_plugin_table(&info_).value()[0].abi_minor, DAYMILL_ABI_MINOR);
  info_.abi_minor = 0;
  EXPECT_EQ(check_plugin_table(&info_).value()[0].abi_minor, 0);
}

TEST_F(TableTest, RefusesWhatIsMissingOrOdd) {
  component_.capabilities = DAYMILL_SOURCE_REMOVES_BY_PROOF;
  EXPECT_NE(refusal().find("function remove is missing"), std::string::npos) << refusal();
  component_.capabilities = 0;
  info_.n_components = 2;
  EXPECT_NE(refusal().find("two components for source old"), std::string::npos) << refusal();
  info_.n_components = 1;
  component_.id = "Old-Name";
  EXPECT_NE(refusal().find("\"Old-Name\""), std::string::npos) << refusal();
  component_.id = "old";
  component_.kind = 9;
  EXPECT_NE(refusal().find("kind 9"), std::string::npos) << refusal();
  component_.kind = DAYMILL_KIND_SOURCE;
  component_.config_spec =
      "{\"summary\":\"s\",\"fields\":[{\"name\":\"port\",\"type\":\"integer\"}]}";
  EXPECT_NE(refusal().find("field port no description"), std::string::npos) << refusal();
  component_.config_spec =
      "{\"summary\":\"s\",\"fields\":[{\"name\":\"port\",\"type\":\"int\",\"description\":\"d\"}]}";
  EXPECT_NE(refusal().find("type \"int\""), std::string::npos) << refusal();
  component_.config_spec = "{\"fields\":[]}";
  EXPECT_NE(refusal().find("\"summary\""), std::string::npos) << refusal();
  info_.version = nullptr;
  component_.config_spec = nullptr;
  EXPECT_NE(refusal().find("version"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace daymill
