#include "csv_source.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace daymill::csv {
namespace {

using namespace std::string_view_literals;
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
  auto source = CsvSource::create(Config(std::move(entries)), host);
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
  explicit OneFile(std::string_view content, Entries extra = {}) {
    folder.write("in-20261120.csv", content);
    Entries entries = settings(folder.path().string() + "/in-{date:%Y%m%d}.csv");
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
  TemporaryFolder folder{"csv"};
  RecordingHost host;
  std::unique_ptr<Source> source;
  std::optional<Decoded> decoded;
  Status status;
};

using Lines = std::vector<std::string>;

TEST(CsvSource, DeclaresItsRows) {
  const auto source = make(settings("x-{date}.csv"));
  const Schema typed = source->schema().value();
  EXPECT_EQ(typed.fields[0], (Field{"ad_id", Type::int64, Role::key, false}));
  EXPECT_EQ(typed.fields[2], (Field{"clicks", Type::int64, Role::measure, true}));
  const Schema raw = source->raw_schema().value();
  ASSERT_EQ(raw.size(), 5u);
  EXPECT_EQ(raw.fields[1], (Field{"word", Type::binary, Role::key, true}));
  EXPECT_EQ(raw.fields[3].name, "#line");
}

TEST(CsvSource, ReadsColumnsInAnyOrder) {
  OneFile f("clicks,word,ad_id\n3,shoes,7\n-1,\"a,\"\"b\"\"\nc\",8\n");
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rows, (Lines{"7|shoes|3", "8|a,\"b\"\nc|-1"}));
  EXPECT_TRUE(f.decoded->rejected.empty());
  EXPECT_TRUE(f.host.lines.empty());
}

TEST(CsvSource, AcceptsByteOrderMarkAndCarriageReturns) {
  OneFile f(
      "\xEF\xBB\xBF"
      "ad_id,word,clicks\r\n7,\xE9\x9D\xB4,3\r\n");
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rows, (Lines{"7|\xE9\x9D\xB4|3"}));
}

TEST(CsvSource, AnEmptyWordIsAKeyAndAnEmptyCountIsNull) {
  OneFile f("ad_id,word,clicks\n7,,3\n8,\"\",\n");
  ASSERT_TRUE(f.status.ok());
  EXPECT_EQ(f.decoded->rows, (Lines{"7||3", "8||~"}));
}

TEST(CsvSource, HeaderOnlyIsAnEmptyDay) {
  OneFile f("ad_id,word,clicks\n");
  EXPECT_TRUE(f.status.ok());
  EXPECT_TRUE(f.decoded->rows.empty());
}

TEST(CsvSource, RefusesAnEmptyFile) {
  OneFile f("");
  EXPECT_EQ(f.status.code(), Code::invalid_data);
  EXPECT_NE(f.status.message().find("header"), std::string::npos);
  EXPECT_NE(f.status.where().find("in-20261120.csv:1"), std::string::npos);
}

TEST(CsvSource, RefusesAHeaderWithoutAKey) {
  OneFile f("ad,word,clicks\n7,x,3\n");
  EXPECT_EQ(f.status.code(), Code::invalid_data);
  EXPECT_EQ(f.status.message(),
            "the header lacks the key column \"ad_id\", found: ad, word, clicks");
}

TEST(CsvSource, RefusesASingleFileWithoutAMeasure) {
  OneFile f("ad_id,word,klicks\n7,x,3\n");
  EXPECT_EQ(f.status.code(), Code::invalid_data);
}

TEST(CsvSource, RefusesAColumnNamedTwice) {
  OneFile f("ad_id,word,clicks,clicks\n7,x,3,3\n");
  EXPECT_EQ(f.status.code(), Code::invalid_data);
  EXPECT_NE(f.status.message().find("twice"), std::string::npos);
}

TEST(CsvSource, WarnsAboutColumnsThatAreNotDeclared) {
  OneFile f("ad_id,word,clicks,cost\n7,x,3,9\n");
  ASSERT_TRUE(f.status.ok());
  EXPECT_EQ(f.decoded->rows, (Lines{"7|x|3"}));
  ASSERT_EQ(f.host.lines.size(), 1u);
  EXPECT_NE(f.host.lines[0].find("\"cost\""), std::string::npos);
}

TEST(CsvSource, RefusesColumnsThatAreNotDeclaredWhenToldSo) {
  OneFile f("ad_id,word,clicks,cost\n7,x,3,9\n", {{"extra_columns", "", "error"}});
  EXPECT_EQ(f.status.code(), Code::invalid_data);
  EXPECT_NE(f.status.message().find("\"cost\""), std::string::npos);
}

TEST(CsvSource, NamesTheLineOfABrokenQuote) {
  OneFile f("ad_id,word,clicks\n7,x,3\n8,y\"z,4\n");
  EXPECT_EQ(f.status.code(), Code::invalid_data);
  EXPECT_NE(f.status.where().find("in-20261120.csv:3"), std::string::npos) << f.status.where();
}

TEST(CsvSource, RejectsRowsOfAnotherLength) {
  OneFile f("ad_id,word,clicks\n7,x\n8,x,3,4\n9,x,5\n");
  ASSERT_TRUE(f.status.ok());
  EXPECT_EQ(f.decoded->rows, (Lines{"9|x|5"}));
  EXPECT_EQ(f.decoded->rejected, (Lines{"row.too_few_fields -1 0", "row.too_many_fields 2 3"}));
  EXPECT_EQ(f.decoded->messages[0], "line 2: the row has 1 fields fewer than the header");
}

TEST(CsvSource, RejectsWhatIsNotACanonicalInteger) {
  OneFile f(
      "ad_id,word,clicks\n1,x,1.0\n2,x,+1\n3,x,007\n4,x,0x1\n5,x,9223372036854775808\n"
      "6,x, 1\n7,x,1e3\nabc,x,12\n,x,13\n8,x,9223372036854775807\n9,x,-0\n");
  ASSERT_TRUE(f.status.ok());
  EXPECT_EQ(f.decoded->rows, (Lines{"8|x|9223372036854775807"}));
  ASSERT_EQ(f.decoded->rejected.size(), 10u);
  EXPECT_EQ(f.decoded->rejected[0], "value.not_integer -1 0");
  EXPECT_EQ(f.decoded->rejected[7], "value.not_integer 2 12");
  EXPECT_EQ(f.decoded->rejected[8], "value.not_integer 2 13");
  EXPECT_NE(f.decoded->messages[0].find("line 2: column \"clicks\": found \"1.0\""),
            std::string::npos);
}

TEST(CsvSource, RejectsTextThatIsNotUtf8OrHoldsNul) {
  OneFile f("ad_id,word,clicks\n7,\xFF\xFE,3\n8,a\0b,4\n9,ok,5\n"sv);
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rejected, (Lines{"text.not_utf8 2 3", "text.nul 2 4"}));
  EXPECT_NE(f.decoded->messages[0].find("\\xff\\xfe"), std::string::npos);
  EXPECT_EQ(f.decoded->rows, (Lines{"9|ok|5"}));
}

TEST(CsvSource, ReadsEveryType) {
  OneFile f(
      "ad_id,word,clicks,seen,on,rate,at\n"
      "7,x,3,true,2026-02-28,0.5,2026-11-20T01:02:03.25Z\n"
      "7,x,3,yes,2026-02-28,0.5,\n7,x,3,true,2026-02-30,0.5,\n7,x,3,true,,inf,\n"
      "7,x,3,,,,2026-11-20 01:02:03\n7,x,3,,,,\n",
      {{"columns", "seen", "bool"},
       {"columns", "on", "date"},
       {"columns", "rate", "float64"},
       {"columns", "at", "timestamp"}});
  ASSERT_TRUE(f.status.ok()) << f.status.to_string();
  EXPECT_EQ(f.decoded->rows,
            (Lines{"7|x|3|true|2026-02-28|0.5|2026-11-20T01:02:03.25Z", "7|x|3|~|~|~|~"}));
  EXPECT_EQ(f.decoded->rejected, (Lines{"value.not_boolean 2 3", "value.not_date 2 3",
                                        "value.not_number 2 3", "value.not_timestamp 2 3"}));
}

TEST(CsvSource, SeveralFilesCarryDifferentMeasures) {
  TemporaryFolder folder{"csv"};
  folder.write("c-20261120.csv", "ad_id,word,clicks\n7,x,3\n");
  folder.write("i-20261120.csv", "ad_id,word,impressions\n7,x,30\n");
  Entries entries = settings("");
  std::erase_if(entries, [](const auto& entry) { return entry.name == "path"; });
  const std::string base = folder.path().string();
  entries.push_back({"files", "clicks", base + "/c-{date:%Y%m%d}.csv"});
  entries.push_back({"files", "impressions", base + "/i-{date:%Y%m%d}.csv"});
  entries.push_back({"columns", "impressions", "int64"});
  entries.push_back({"measures", "1", "impressions"});
  const auto source = make(entries);
  const auto splits = source->plan(day()).value();
  ASSERT_EQ(splits.size(), 2u);
  EXPECT_EQ(splits[0].id, "clicks");
  EXPECT_EQ(splits[1].location, "file " + base + "/i-20261120.csv");
  Decoded decoded(source->schema().value());
  const Status status = run(*source, decoded);
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(decoded.rows, (Lines{"7|x|3|~", "7|x|~|30"}));
  folder.write("i-20261120.csv", "ad_id,word,impresions\n7,x,30\n");
  EXPECT_EQ(run(*source, decoded).code(), Code::invalid_data);
}

TEST(CsvSource, AMissingFileIsAnAbsentSplit) {
  TemporaryFolder folder{"csv"};
  const auto source = make(settings(folder.path().string() + "/in-{date}.csv"));
  const auto splits = source->plan(day()).value();
  ASSERT_EQ(splits.size(), 1u);
  EXPECT_EQ(splits[0].id, "in-2026-11-20.csv");
  EXPECT_FALSE(splits[0].present);
  EXPECT_EQ(source->open(day(), splits[0]).status().code(), Code::not_found);
}

TEST(CsvSource, RefusesAFolder) {
  TemporaryFolder folder{"csv"};
  std::filesystem::create_directory(folder / "in-2026-11-20.csv");
  const auto source = make(settings(folder.path().string() + "/in-{date}.csv"));
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

TEST(CsvSource, ConfirmsAFileThatWasLeftAlone) {
  TemporaryFolder folder{"csv"};
  const auto path = folder.write("in-2026-11-20.csv", "ad_id,word,clicks\n7,x,3\n");
  const auto source = make(settings(folder.path().string() + "/in-{date}.csv"));
  EXPECT_EQ(read_whole(*source)->confirm(1).value(), Scan::stable);
}

TEST(CsvSource, NoticesAFileThatGrows) {
  TemporaryFolder folder{"csv"};
  const auto path = folder.write("in-2026-11-20.csv", "ad_id,word,clicks\n7,x,3\n");
  const auto source = make(settings(folder.path().string() + "/in-{date}.csv"));
  const auto reader = read_whole(*source);
  std::ofstream(path, std::ios::app) << "8,x,3\n";
  EXPECT_EQ(reader->confirm(1).value(), Scan::changed);
}

TEST(CsvSource, NoticesAFileThatIsReplacedOrGone) {
  TemporaryFolder folder{"csv"};
  const auto path = folder.write("in-2026-11-20.csv", "ad_id,word,clicks\n7,x,3\n");
  const auto source = make(settings(folder.path().string() + "/in-{date}.csv"));
  const auto reader = read_whole(*source);
  std::filesystem::rename(folder.write("new", "ad_id,word,clicks\n7,x,4\n"), path);
  EXPECT_EQ(reader->confirm(1).value(), Scan::changed);
  std::filesystem::remove(path);
  EXPECT_EQ(reader->confirm(1).value(), Scan::changed);
}

TEST(CsvSource, ReadsALargeFileInPages) {
  std::string content = "ad_id,word,clicks\n";
  for (int i = 0; i < 40000; ++i) {
    content += std::to_string(i) + ",w" + std::to_string(i) + ",1\n";
  }
  OneFile f(content);
  ASSERT_TRUE(f.status.ok());
  ASSERT_EQ(f.decoded->rows.size(), 40000u);
  EXPECT_EQ(f.decoded->rows.back(), "39999|w39999|1");
}

TEST(CsvSource, StopsWhenAsked) {
  TemporaryFolder folder{"csv"};
  folder.write("in-2026-11-20.csv", "ad_id,word,clicks\n7,x,3\n");
  RecordingHost host;
  const auto source = make(settings(folder.path().string() + "/in-{date}.csv"), Host(&host.c_host));
  host.stop = true;
  Decoded decoded(source->schema().value());
  EXPECT_EQ(run(*source, decoded).code(), Code::cancelled);
}

Status refused(Entries changes, const char* removed = nullptr) {
  Entries entries = settings("in-{date}.csv");
  for (const Config::Entry& change : changes) {
    std::erase_if(entries, [&](const auto& old) {
      return old.name == change.name && old.item == change.item;
    });
    entries.push_back(change);
  }
  if (removed != nullptr) {
    std::erase_if(entries, [&](const auto& old) { return old.name == std::string(removed); });
  }
  return CsvSource::create(Config(entries), Host()).status();
}

TEST(CsvSource, RefusesSettingsThatContradictEachOther) {
  EXPECT_EQ(refused({}, "path").code(), Code::invalid_config);
  EXPECT_EQ(refused({}, "keys").code(), Code::invalid_config);
  EXPECT_EQ(refused({{"files", "a", "x-{date}.csv"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"keys", "2", "nothing"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"measures", "1", "ad_id"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"columns", "clicks", "float64"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"columns", "ad_id", "float64"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"columns", "ad_id", "integer"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"delimiter", "", ";;"}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"delimiter", "", "\""}}).code(), Code::invalid_config);
  EXPECT_EQ(refused({{"path", "", "in-{date:%H}.csv"}}).code(), Code::invalid_config);
  EXPECT_EQ(
      refused({{"files", "a", "x-{date}.csv"}, {"files", "b", "x-{date}.csv"}}, "path").code(),
      Code::invalid_config);
}

TEST(CsvSource, WarnsWhenEveryDayReadsTheSameFile) {
  EXPECT_TRUE(make(settings("in-{date}.csv"))->check().value().empty());
  EXPECT_EQ(make(settings("in.csv"))->check().value().size(), 1u);
}

}  // namespace
}  // namespace daymill::csv
