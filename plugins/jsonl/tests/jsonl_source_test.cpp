#include "jsonl_source.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace daymill::jsonl {
namespace {

using support::TemporaryFolder;

struct RecordingHost {
  std::vector<std::string> lines;
  bool stop = false;
  daymill_host c_host{
      sizeof(daymill_host), this,
      [](void* self, std::int32_t, daymill_text text) {
        static_cast<RecordingHost*>(self)->lines.emplace_back(text.data, text.size);
      },
      [](void* self) -> std::int32_t { return static_cast<RecordingHost*>(self)->stop ? 1 : 0; }};
};

/// Typed rows as text, and rejections as "reason measure amount message".
struct Decoded final : Emitter {
  explicit Decoded(Schema typed) : schema(std::move(typed)) {}
  Schema schema;
  std::vector<std::string> rows;
  std::vector<std::string> rejected;
  std::vector<std::string> messages;

  Status emit(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      std::string text;
      for (std::size_t i = 0; i < schema.size(); ++i) {
        text += (i == 0 ? "" : "|") + cell(batch.column(i), schema.fields[i].type, row);
      }
      rows.push_back(text);
    }
    return {};
  }
  Status reject(const Rejection& rejection) override {
    rejected.push_back(std::string(rejection.reason) + " " + std::to_string(rejection.measure) +
                       " " + std::to_string(rejection.amount));
    messages.emplace_back(rejection.message);
    return {};
  }
  static std::string cell(const Column& column, Type type, std::int64_t row) {
    if (column.is_null(row)) {
      return "~";
    }
    switch (type) {
      case Type::int64:
        return std::to_string(column.int64s()[row]);
      case Type::float64:
        return float64_text(column.float64s()[row]);
      case Type::boolean:
        return column.boolean(row) ? "true" : "false";
      case Type::date:
        return date_text(column.dates()[row]);
      case Type::timestamp:
        return timestamp_text(column.int64s()[row]);
      default:
        return std::string(column.bytes_at(row));
    }
  }
};

constexpr const char* kLine = "{\"ad_id\":7,\"word\":\"x\",\"clicks\":3}\n";

using Entries = std::vector<Config::Entry>;

Entries settings(const std::string& path) {
  return {{"path", "", path},          {"columns", "ad_id", "int64"},
          {"columns", "word", "text"}, {"columns", "clicks", "int64"},
          {"keys", "0", "ad_id"},      {"keys", "1", "word"},
          {"measures", "0", "clicks"}, {"delimiter", "", ","},
          {"quote", "", "\""},         {"extra_columns", "", "ignore"}};
}

Partition day() {
  Partition partition;
  partition.label = "2026-11-20";
  partition.day = *parse_date("2026-11-20");
  return partition;
}

std::unique_ptr<Source> make(Entries entries, Host host = Host()) {
  auto source = JsonlSource::create(Config(std::move(entries)), host);
  EXPECT_TRUE(source.ok()) << source.status().to_string();
  return std::move(source).value();
}

/// Reads and decodes every split that is there.
Status run(Source& source, Decoded& decoded) {
  DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
  DAYMILL_ASSIGN(const std::vector<Split> splits, source.plan(day()));
  for (const Split& split : splits) {
    DAYMILL_ASSIGN(auto reader, source.open(day(), split));
    DAYMILL_ASSIGN(auto lane, source.decoder(day(), split.id));
    ReadState state = ReadState::more;
    while (state == ReadState::more) {
      BatchBuilder builder(raw);
      DAYMILL_ASSIGN(state, reader->read(builder));
      DAYMILL_TRY(lane->process(builder.finish(), decoded));
    }
    DAYMILL_TRY(lane->finish(decoded));
  }
  return {};
}

/// One file of the day with this content.
struct OneFile {
  OneFile() = default;
  explicit OneFile(std::string_view content, const Entries& extra = {}) { decode(content, extra); }
  void decode(std::string_view content, const Entries& extra = {}) {
    folder.write("in-20261120.jsonl", content);
    Entries entries = settings(folder.path().string() + "/in-{date:%Y%m%d}.jsonl");
    for (const Config::Entry& entry : extra) {
      std::erase_if(entries, [&](const auto& old) {
        return old.name == entry.name && old.item == entry.item;
      });
      entries.push_back(entry);
    }
    source = make(std::move(entries), Host(&host.c_host));
    decoded.emplace(source->schema().value());
    status = run(*source, *decoded);
  }
  TemporaryFolder folder{"jsonl"};
  RecordingHost host;
  std::unique_ptr<Source> source;
  std::optional<Decoded> decoded;
  Status status;
};

using Lines = std::vector<std::string>;

TEST(JsonlSource, DeclaresItsRows) {
  const auto source = make(settings("x-{date}.jsonl"));
  EXPECT_EQ(source->schema().value().fields[0], (Field{"ad_id", Type::int64, Role::key, false}));
  const Schema raw = source->raw_schema().value();
  ASSERT_EQ(raw.size(), 3u);
  EXPECT_EQ(raw.fields[0], (Field{"key", Type::binary, Role::key, false}));
}

TEST(JsonlSource, ReadsMembersInAnyOrderAndPassesOverOthers) {
  OneFile f(R"({"clicks":3,"word":"shoes","ad_id":7,"more":{"clicks":[1,{"ad_id":2}]}}
{"ad_id":8,"word":"a\"b\nc","clicks":-1}
)");
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rows, (Lines{"7|shoes|3", "8|a\"b\nc|-1"}));
  EXPECT_TRUE(f.decoded->rejected.empty());
}

TEST(JsonlSource, AcceptsByteOrderMarkCarriageReturnsAndEmptyLines) {
  OneFile f(
      "\xEF\xBB\xBF{\"ad_id\":7,\"word\":\"\xE9\x9D\xB4\",\"clicks\":3}\r\n\r\n  \n"
      "{\"ad_id\":8,\"word\":\"x\",\"clicks\":\"4\"}");
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rows, (Lines{"7|\xE9\x9D\xB4|3"}));
  ASSERT_EQ(f.decoded->rejected, (Lines{"value.not_integer -1 0"}));
  EXPECT_NE(f.decoded->messages[0].find("line 4: column \"clicks\""), std::string::npos);
}

TEST(JsonlSource, AnEmptyFileIsAnEmptyDay) {
  OneFile f("");
  EXPECT_TRUE(f.status.ok());
  EXPECT_TRUE(f.decoded->rows.empty());
}

TEST(JsonlSource, AMissingOrNullMeasureIsNull) {
  OneFile f("{\"ad_id\":7,\"word\":\"\"}\n{\"ad_id\":8,\"word\":\"x\",\"clicks\":null}\n");
  EXPECT_EQ(f.decoded->rows, (Lines{"7||~", "8|x|~"}));
}

TEST(JsonlSource, RejectsARowWithoutItsKey) {
  OneFile f("{\"word\":\"x\",\"clicks\":3}\n{\"ad_id\":null,\"word\":\"x\",\"clicks\":4}\n");
  EXPECT_EQ(f.decoded->rejected, (Lines{"key.missing 2 3", "key.missing 2 4"}));
}

TEST(JsonlSource, RejectsWhatIsNoObject) {
  OneFile f("[1]\n7\n{\"ad_id\":7\n{} {}\n{\"ad_id\":1,\"ad_id\":2}\nnull\n\"x\"\n");
  ASSERT_TRUE(f.status.ok());
  EXPECT_EQ(f.decoded->rejected,
            (Lines{"json.not_object -1 0", "json.not_object -1 0", "json.malformed -1 0",
                   "json.malformed -1 0", "json.repeated_name -1 0", "json.not_object -1 0",
                   "json.not_object -1 0"}));
}

TEST(JsonlSource, RejectsWhatIsNotAnInteger) {
  OneFile f;
  const char* values[] = {
      "7.0", "1e3",   "9223372036854775808",           "-9223372036854775809", "true", "[1]",
      "{}",  "\"7\"", "123456789012345678901234567890"};
  std::string content;
  for (const char* value : values) {
    content += std::string("{\"ad_id\":1,\"word\":\"x\",\"clicks\":") + value + "}\n";
  }
  content += "{\"ad_id\":1,\"word\":\"x\",\"clicks\":9223372036854775807}\n";
  f.decode(content);
  ASSERT_TRUE(f.status.ok());
  EXPECT_EQ(f.decoded->rows, (Lines{"1|x|9223372036854775807"}));
  EXPECT_EQ(f.decoded->rejected, Lines(std::size(values), "value.not_integer -1 0"));
  EXPECT_NE(f.decoded->messages[0].find("found \"7.0\""), std::string::npos);
}

TEST(JsonlSource, RejectsTextThatIsNotUtf8OrHoldsNul) {
  OneFile f(
      "{\"ad_id\":7,\"word\":\"\xFF\",\"clicks\":3}\n{\"ad_id\":7,\"word\":\"a\\u0000\","
      "\"clicks\":4}\n{\"ad_id\":7,\"word\":\"\\ud800\",\"clicks\":5}\n"
      "{\"ad_id\":7,\"word\":5,\"clicks\":6}\n");
  EXPECT_EQ(f.decoded->rejected, (Lines{"text.not_utf8 -1 0", "text.nul 2 4", "json.malformed -1 0",
                                        "value.not_text 2 6"}));
}

TEST(JsonlSource, ReadsEveryType) {
  OneFile f(
      R"({"ad_id":7,"word":"x","seen":true,"on":"2026-02-28","rate":1,"at":"2026-11-20T01:02:03Z"}
{"ad_id":7,"word":"x","seen":"true"}
{"ad_id":7,"word":"x","on":20260228}
{"ad_id":7,"word":"x","on":"2026-02-30"}
{"ad_id":7,"word":"x","rate":"1"}
{"ad_id":7,"word":"x","at":"2026-11-20"}
)",
      {{"columns", "seen", "bool"},
       {"columns", "on", "date"},
       {"columns", "rate", "float64"},
       {"columns", "at", "timestamp"}});
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rows, (Lines{"7|x|~|true|2026-02-28|1|2026-11-20T01:02:03Z"}));
  EXPECT_EQ(f.decoded->rejected,
            (Lines{"value.not_boolean -1 0", "value.not_date -1 0", "value.not_date -1 0",
                   "value.not_number -1 0", "value.not_timestamp -1 0"}));
}

TEST(JsonlSource, RefusesALineWithoutEnd) {
  OneFile f(std::string((std::size_t{4} << 20) + 300000, 'x'));
  EXPECT_EQ(f.status.code(), Code::invalid_data);
  EXPECT_NE(f.status.message().find("4 MiB"), std::string::npos);
}

TEST(JsonlSource, AMissingFileIsAnAbsentSplit) {
  TemporaryFolder folder{"jsonl"};
  const auto source = make(settings(folder.path().string() + "/in-{date}.jsonl"));
  const auto splits = source->plan(day()).value();
  ASSERT_EQ(splits.size(), 1u);
  EXPECT_EQ(splits[0].id, "in-2026-11-20.jsonl");
  EXPECT_FALSE(splits[0].present);
  EXPECT_EQ(source->open(day(), splits[0]).status().code(), Code::not_found);
}

TEST(JsonlSource, RefusesAFolder) {
  TemporaryFolder folder{"jsonl"};
  std::filesystem::create_directory(folder / "in-2026-11-20.jsonl");
  const auto source = make(settings(folder.path().string() + "/in-{date}.jsonl"));
  const auto splits = source->plan(day()).value();
  EXPECT_FALSE(splits[0].present);
  EXPECT_EQ(source->open(day(), splits[0]).status().code(), Code::invalid_data);
}

/// A reader of a small file that has read to the end.
std::unique_ptr<Reader> read_whole(Source& source) {
  auto reader = std::move(source.open(day(), source.plan(day()).value().at(0))).value();
  BatchBuilder builder(source.raw_schema().value());
  EXPECT_EQ(reader->read(builder).value(), ReadState::end);
  return reader;
}

TEST(JsonlSource, ConfirmsAFileThatWasLeftAlone) {
  TemporaryFolder folder{"jsonl"};
  const auto path = folder.write("in-2026-11-20.jsonl", kLine);
  const auto source = make(settings(folder.path().string() + "/in-{date}.jsonl"));
  EXPECT_EQ(read_whole(*source)->confirm(1).value(), Scan::stable);
}

TEST(JsonlSource, NoticesAFileThatGrows) {
  TemporaryFolder folder{"jsonl"};
  const auto path = folder.write("in-2026-11-20.jsonl", kLine);
  const auto source = make(settings(folder.path().string() + "/in-{date}.jsonl"));
  const auto reader = read_whole(*source);
  std::ofstream(path, std::ios::app) << kLine;
  EXPECT_EQ(reader->confirm(1).value(), Scan::changed);
}

TEST(JsonlSource, NoticesAFileThatIsReplacedOrGone) {
  TemporaryFolder folder{"jsonl"};
  const auto path = folder.write("in-2026-11-20.jsonl", kLine);
  const auto source = make(settings(folder.path().string() + "/in-{date}.jsonl"));
  const auto reader = read_whole(*source);
  std::filesystem::rename(folder.write("new", std::string(kLine) + kLine), path);
  EXPECT_EQ(reader->confirm(1).value(), Scan::changed);
  std::filesystem::remove(path);
  EXPECT_EQ(reader->confirm(1).value(), Scan::changed);
}

TEST(JsonlSource, ReadsALargeFileInPages) {
  std::string content;
  for (int i = 0; i < 40000; ++i) {
    const std::string number = std::to_string(i);
    content += "{\"ad_id\":" + number + ",\"word\":\"w" + number + "\",\"clicks\":1}\n";
  }
  OneFile f(content);
  ASSERT_TRUE(f.status.ok());
  ASSERT_EQ(f.decoded->rows.size(), 40000u);
  EXPECT_EQ(f.decoded->rows.back(), "39999|w39999|1");
}

TEST(JsonlSource, StopsWhenAsked) {
  TemporaryFolder folder{"jsonl"};
  folder.write("in-2026-11-20.jsonl", kLine);
  RecordingHost host;
  const auto source =
      make(settings(folder.path().string() + "/in-{date}.jsonl"), Host(&host.c_host));
  host.stop = true;
  Decoded decoded(source->schema().value());
  EXPECT_EQ(run(*source, decoded).code(), Code::cancelled);
}

Status refused(Entries changes, const char* removed = nullptr) {
  Entries entries = settings("in-{date}.jsonl");
  for (const Config::Entry& change : changes) {
    std::erase_if(entries, [&](const auto& old) {
      return old.name == change.name && old.item == change.item;
    });
    entries.push_back(change);
  }
  if (removed != nullptr) {
    std::erase_if(entries, [&](const auto& old) { return old.name == std::string(removed); });
  }
  return JsonlSource::create(Config(entries), Host()).status();
}

TEST(JsonlSource, RefusesSettingsThatContradictEachOther) {
  EXPECT_EQ(refused({}, "path").code(), Code::invalid_config);
  EXPECT_EQ(refused({}, "keys").code(), Code::invalid_config);
  EXPECT_EQ(refused({{"files", "a", "x-{date}.jsonl"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"keys", "2", "nothing"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"measures", "1", "ad_id"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"columns", "clicks", "float64"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"columns", "ad_id", "float64"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"columns", "ad_id", "integer"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"path", "", "in-{date:%H}.jsonl"}}).code(), Code::invalid_config);
  EXPECT_EQ(
      refused({{"files", "a", "x-{date}.jsonl"}, {"files", "b", "x-{date}.jsonl"}}, "path").code(),
      Code::invalid_config);
}

TEST(JsonlSource, WarnsWhenEveryDayReadsTheSameFile) {
  EXPECT_TRUE(make(settings("in-{date}.jsonl"))->check().value().empty());
  EXPECT_EQ(make(settings("in.jsonl"))->check().value().size(), 1u);
}

}  // namespace
}  // namespace daymill::jsonl
