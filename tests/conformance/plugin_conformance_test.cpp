// One suite for all plugins of the product, through their files and without any server. What a
// plugin does with data is tested beside it; here is what every plugin owes the interface.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "plugin/plugin_registry.hpp"
#include "plugin/proxies.hpp"
#include "quirks.hpp"
#include "recording_host.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

namespace fs = std::filesystem;

const Partition kDay{"2026-11-22", 20779, 1795273200000000, 1795359600000000};

/// What a source of the product gives, for transforms and sinks.
const Schema kRows{{{"ad_id", Type::int64, Role::key, false},
                    {"search_word", Type::text, Role::key, false},
                    {"clicks", Type::int64, Role::measure, false},
                    {"impressions", Type::int64, Role::measure, false}}};

RecordBatch three_rows() {
  BatchBuilder rows(kRows);
  for (std::int64_t i = 0; i < 3; ++i) {
    rows.column(0).append_int64(i);
    rows.column(1).append_bytes("shoes");
    rows.column(2).append_int64(i);
    rows.column(3).append_int64(10 * i);
    rows.end_row();
  }
  return rows.finish();
}

std::vector<std::string> plugin_names() {
  std::vector<std::string> names;
  std::istringstream list(DAYMILL_TREE_PLUGINS);
  for (std::string name; std::getline(list, name, ',');) {
    names.push_back(name);
  }
  return names;
}

class CountingEmitter final : public Emitter {
 public:
  explicit CountingEmitter(std::size_t measure) : measure_(measure) {}
  Status emit(RecordBatch batch) override {
    rows += batch.num_rows();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      sum += batch.column(measure_).int64s()[row];
    }
    return {};
  }
  Status reject(const Rejection& /*rejection*/) override {
    ++rejected;
    return {};
  }
  std::int64_t rows = 0;
  std::int64_t sum = 0;
  std::int64_t rejected = 0;

 private:
  std::size_t measure_;
};

/// Everything in a folder of its own, as plugins may make files beside themselves.
class ConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    fs::current_path(folder_.path());
    const Result<PluginLibrary> loaded = load_plugin(file_, host_);
    ASSERT_TRUE(loaded.ok()) << loaded.status().to_string();
    library_ = *loaded;
  }
  void TearDown() override { fs::current_path("/"); }

  std::vector<PluginComponent> of_kind(ComponentKind kind) const {
    std::vector<PluginComponent> found;
    for (const PluginComponent& component : library_.components) {
      if (component.kind == kind) {
        found.push_back(component);
      }
    }
    return found;
  }
  Status create(const PluginComponent& component, const std::vector<Config::Entry>& settings) {
    switch (component.kind) {
      case ComponentKind::source:
        return make_source(component, settings, host_).status();
      case ComponentKind::transform:
        return make_transform(component, settings, host_).status();
      case ComponentKind::sink:
        return make_sink(component, settings, host_).status();
    }
    return {};
  }

  support::TemporaryFolder folder_{"conformance"};
  fs::path file_ = fs::path(DAYMILL_TREE_PLUGIN_FOLDER) / (GetParam() + ".so");
  std::shared_ptr<RecordingHost> host_ = std::make_shared<RecordingHost>();
  PluginLibrary library_;
};

TEST_P(ConformanceTest, SaysWhoItIs) {
  EXPECT_EQ(library_.name, GetParam());
  EXPECT_FALSE(library_.version.empty());
  EXPECT_FALSE(library_.build.empty());
  for (const PluginComponent& component : library_.components) {
    EXPECT_NE(quirks_of(component), nullptr)
        << "add " << kind_name(component.kind) << " " << component.id << " to quirks.cpp";
  }
}

TEST_P(ConformanceTest, ExportsOneSymbol) {
  const support::ProcessResult nm =
      support::run_process({.argv = {"nm", "-D", "--defined-only", file_.string()}});
  ASSERT_EQ(nm.exit_code, 0) << nm.standard_error;
  std::istringstream lines(nm.standard_output);
  std::vector<std::string> symbols;
  for (std::string line; std::getline(lines, line);) {
    symbols.push_back(line.substr(line.rfind(' ') + 1));
  }
  EXPECT_EQ(symbols, std::vector<std::string>{DAYMILL_QUERY_SYMBOL});
}

bool has_type(const nlohmann::json& value, const std::string& type) {
  if (type == "text") {
    return value.is_string();
  }
  if (type == "integer") {
    return value.is_number_integer();
  }
  if (type == "number") {
    return value.is_number();
  }
  if (type == "boolean") {
    return value.is_boolean();
  }
  return type == "text_list" ? value.is_array() : value.is_object();
}

void check_field(const nlohmann::json& field) {
  const std::string name = field["name"];
  const std::string type = field["type"];
  SCOPED_TRACE("field " + name);
  EXPECT_FALSE(field["description"].get<std::string>().empty());
  const bool required = field.value("required", false);
  EXPECT_FALSE(required && field.contains("default")) << "a required field has no default";
  EXPECT_TRUE(!required || field.contains("example")) << "a required field shows an example";
  for (const char* key : {"default", "example"}) {
    EXPECT_TRUE(!field.contains(key) || has_type(field[key], type)) << key << " is not " << type;
  }
  if (field.contains("choices") && field.contains("default")) {
    const auto& choices = field["choices"];
    EXPECT_NE(std::find(choices.begin(), choices.end(), field["default"]), choices.end())
        << "the default is not one of the choices";
  }
  if (field.value("secret", false)) {
    EXPECT_EQ(type, "text");
    EXPECT_EQ(field.value("default", ""), "") << "a secret has no default";
  }
}

TEST_P(ConformanceTest, DescribesEverySetting) {
  for (const PluginComponent& component : library_.components) {
    SCOPED_TRACE(std::string(kind_name(component.kind)) + " " + component.id);
    const nlohmann::json spec = nlohmann::json::parse(component.config_spec);
    EXPECT_FALSE(spec["summary"].get<std::string>().empty());
    std::set<std::string> names;
    for (const nlohmann::json& field : spec["fields"]) {
      EXPECT_TRUE(names.insert(field["name"]).second) << field["name"] << " is declared twice";
      check_field(field);
    }
  }
}

TEST_P(ConformanceTest, IsCreatedAndDestroyedWithoutUse) {
  for (const PluginComponent& component : library_.components) {
    const Status created = create(component, example_settings(component));
    EXPECT_TRUE(created.ok()) << created.to_string();
  }
}

TEST_P(ConformanceTest, RefusesNonsenseAsInvalidConfig) {
  for (const PluginComponent& component : library_.components) {
    const Status refused = create(component, with_nonsense(component, example_settings(component)));
    EXPECT_EQ(refused.code(), Code::invalid_config)
        << kind_name(component.kind) << " " << component.id << ": " << refused.to_string();
    EXPECT_FALSE(refused.message().empty());
  }
}

TEST_P(ConformanceTest, SourcesKnowTheirRowsWithoutAServer) {
  for (const PluginComponent& component : of_kind(ComponentKind::source)) {
    auto made = make_source(component, example_settings(component), host_, BatchCheck::data);
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    Source& source = **made;
    const Result<Schema> typed = source.schema();
    ASSERT_TRUE(typed.ok()) << typed.status().to_string();
    EXPECT_FALSE(typed->with_role(Role::key).empty());
    for (const std::size_t measure : typed->with_role(Role::measure)) {
      EXPECT_EQ(typed->fields[measure].type, Type::int64);
    }
    const Result<Schema> raw = source.raw_schema();
    ASSERT_TRUE(raw.ok()) << raw.status().to_string();
    EXPECT_NE(raw->size(), 0u);

    const Quirks* quirks = quirks_of(component);
    const auto decoder = source.decoder(kDay, quirks == nullptr ? "" : quirks->split);
    ASSERT_TRUE(decoder.ok()) << decoder.status().to_string();
    CountingEmitter out(0);
    ASSERT_TRUE((*decoder)->process(BatchBuilder(*raw).finish(), out).ok());
    ASSERT_TRUE((*decoder)->finish(out).ok());
    EXPECT_EQ(out.rows, 0);
    EXPECT_EQ(out.rejected, 0);
  }
}

TEST_P(ConformanceTest, SourcesWithoutTheirServerSaySo) {
  for (const PluginComponent& component : of_kind(ComponentKind::source)) {
    auto made = make_source(component, example_settings(component), host_);
    ASSERT_TRUE(made.ok());
    const Result<std::vector<Split>> splits = (*made)->plan(kDay);
    if (splits.ok()) {
      for (const Split& split : *splits) {
        EXPECT_FALSE(split.present) << split.id;
        EXPECT_FALSE(split.location.empty());
      }
    } else {
      EXPECT_NE(splits.status().code(), Code::internal) << splits.status().to_string();
      EXPECT_FALSE(splits.status().where().empty()) << splits.status().to_string();
    }
    if (!component.can(DAYMILL_SOURCE_REMOVES_BY_PROOF)) {
      EXPECT_EQ((*made)->remove(kDay, Split{}, RemovalProof{}).status().code(), Code::unsupported);
    }
  }
}

TEST_P(ConformanceTest, TransformsKeepWhatTheyPromise) {
  for (const PluginComponent& component : of_kind(ComponentKind::transform)) {
    auto made = make_transform(component, example_settings(component), host_, BatchCheck::data);
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    Transform& transform = **made;
    const Result<Schema> bound = transform.bind(kRows);
    ASSERT_TRUE(bound.ok()) << bound.status().to_string();
    EXPECT_EQ(*bound, *transform.bind(kRows)) << "bind is pure";
    EXPECT_FALSE(transform.bind(Schema{}).ok());
    ASSERT_TRUE(transform.bind(kRows).ok());

    const auto lane = transform.open(kDay);
    ASSERT_TRUE(lane.ok()) << lane.status().to_string();
    const auto clicks = bound->index_of("clicks");
    CountingEmitter out(clicks.value_or(0));
    ASSERT_TRUE((*lane)->process(three_rows(), out).ok());
    ASSERT_TRUE((*lane)->process(BatchBuilder(kRows).finish(), out).ok());
    ASSERT_TRUE((*lane)->finish(out).ok());
    if (component.can(DAYMILL_TRANSFORM_KEEPS_ROWS)) {
      ASSERT_TRUE(clicks.has_value());
      EXPECT_EQ(out.rows, 3);
      EXPECT_EQ(out.sum, 3);
      EXPECT_EQ(out.rejected, 0);
    }
    if (component.can(DAYMILL_TRANSFORM_KEEPS_SUMS) && clicks.has_value() && out.rejected == 0) {
      EXPECT_EQ(out.sum, 3);
    }
  }
}

TEST_P(ConformanceTest, SinksBindOrSayWhatIsMissing) {
  for (const PluginComponent& component : of_kind(ComponentKind::sink)) {
    auto made = make_sink(component, example_settings(component), host_);
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    Sink& sink = **made;
    sink.abort();  // harmless before anything began
    const Status bound = sink.bind(kRows, "conformance");
    if (!bound.ok()) {
      EXPECT_NE(bound.code(), Code::internal) << bound.to_string();
      EXPECT_FALSE(bound.where().empty()) << bound.to_string();
    }
    sink.abort();
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, ConformanceTest, testing::ValuesIn(plugin_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace daymill
