#include "jsonl_sink.hpp"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "json_text.hpp"
#include "support/temporary_folder.hpp"

namespace daymill::jsonl {
namespace {

using support::read_file;
using support::TemporaryFolder;

Schema rows_schema() {
  return Schema{{{"word", Type::text, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true},
                 {"ctr", Type::float64, Role::attribute, true}}};
}

RecordBatch batch_of(const std::vector<std::pair<std::string, std::int64_t>>& rows) {
  BatchBuilder builder(rows_schema());
  for (const auto& [word, clicks] : rows) {
    builder.column(0).append_bytes(word);
    builder.column(1).append_int64(clicks);
    clicks == 0 ? builder.column(2).append_null() : builder.column(2).append_float64(0.25);
    builder.end_row();
  }
  return builder.finish();
}

Attempt attempt() {
  Attempt attempt;
  attempt.partition.label = "2026-11-20";
  attempt.partition.day = *parse_date("2026-11-20");
  attempt.epoch = 1;
  return attempt;
}

Load load_of(std::int64_t rows, std::int64_t clicks) {
  Load load;
  load.rows_out = rows;
  load.sums = {{"clicks", clicks}};
  return load;
}

struct Fixture {
  explicit Fixture(std::vector<Config::Entry> extra = {}) {
    std::vector<Config::Entry> entries{{"path", "", folder.path().string() + "/o/{date}.jsonl"},
                                       {"create", "", "true"}};
    for (const Config::Entry& entry : extra) {
      std::erase_if(entries, [&](const auto& old) { return old.name == entry.name; });
      entries.push_back(entry);
    }
    auto made = JsonlSink::create(Config(entries), Host());
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    sink = std::move(made).value();
    EXPECT_TRUE(sink->bind(rows_schema(), "words").ok());
  }
  Status write(const std::vector<std::pair<std::string, std::int64_t>>& rows) {
    DAYMILL_TRY(sink->begin(attempt()));
    DAYMILL_ASSIGN(auto writer, sink->open());
    DAYMILL_TRY(writer->write(batch_of(rows)));
    return writer->finish();
  }
  TemporaryFolder folder{"jsonl"};
  std::unique_ptr<Sink> sink;
  std::filesystem::path file = folder / "o/2026-11-20.jsonl";
  std::filesystem::path part = folder / "o/2026-11-20.jsonl.part";
};

TEST(JsonlSink, WritesTheDayAtCommitAndNotBefore) {
  Fixture f;
  ASSERT_TRUE(f.write({{"plain", 3}, {"a,b", 4}, {"say \"hi\"\n", 0}, {"", 1}}).ok());
  EXPECT_FALSE(std::filesystem::exists(f.file));
  const Status status = f.sink->commit(load_of(4, 8), {});
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(read_file(f.file),
            "{\"word\":\"plain\",\"clicks\":3,\"ctr\":0.25}\n"
            "{\"word\":\"a,b\",\"clicks\":4,\"ctr\":0.25}\n"
            "{\"word\":\"say \\\"hi\\\"\\u000a\",\"clicks\":0,\"ctr\":null}\n"
            "{\"word\":\"\",\"clicks\":1,\"ctr\":0.25}\n");
  EXPECT_FALSE(std::filesystem::exists(f.part));
}

TEST(JsonlSink, FillsAPartitionColumn) {
  Fixture f({{"partition_column", "", "date"}});
  ASSERT_TRUE(f.write({{"x", 3}}).ok());
  ASSERT_TRUE(f.sink->commit(load_of(1, 3), {}).ok());
  EXPECT_EQ(read_file(f.file),
            "{\"date\":\"2026-11-20\",\"word\":\"x\",\"clicks\":3,\"ctr\":0.25}\n");
}

TEST(JsonlSink, RefusesAPartitionColumnThatTheRowsHave) {
  Fixture f({{"partition_column", "", "day"}});
  Schema rows = rows_schema();
  rows.fields[0].name = "day";
  EXPECT_EQ(f.sink->bind(rows, "words").code(), Code::schema_mismatch);
}

TEST(JsonlSink, RefusesBinary) {
  Fixture f;
  Schema rows = rows_schema();
  rows.fields[0].type = Type::binary;
  EXPECT_EQ(f.sink->bind(rows, "words").code(), Code::schema_mismatch);
}

TEST(JsonlSink, ReplacesTheDayAsAWhole) {
  Fixture f;
  ASSERT_TRUE(f.write({{"x", 3}, {"y", 4}}).ok());
  ASSERT_TRUE(f.sink->commit(load_of(2, 7), {}).ok());
  ASSERT_TRUE(f.write({{"z", 1}}).ok());
  ASSERT_TRUE(f.sink->commit(load_of(1, 1), {}).ok());
  EXPECT_EQ(read_file(f.file), "{\"word\":\"z\",\"clicks\":1,\"ctr\":0.25}\n");
}

TEST(JsonlSink, KeepsTheOldFileWhenRowsOrSumsDiffer) {
  Fixture f;
  ASSERT_TRUE(f.write({{"x", 3}}).ok());
  ASSERT_TRUE(f.sink->commit(load_of(1, 3), {}).ok());
  ASSERT_TRUE(f.write({{"y", 4}}).ok());
  const Status rows = f.sink->commit(load_of(2, 4), {});
  EXPECT_EQ(rows.message(), "the file has 1 rows, the load 2");
  ASSERT_TRUE(f.write({{"y", 4}}).ok());
  const Status sums = f.sink->commit(load_of(1, 5), {});
  EXPECT_EQ(sums.message(), "the sum of \"clicks\" is 4 in the file and 5 in the load");
  EXPECT_EQ(read_file(f.file), "{\"word\":\"x\",\"clicks\":3,\"ctr\":0.25}\n");
  EXPECT_FALSE(std::filesystem::exists(f.part));
}

TEST(JsonlSink, RefusesASumBeyond64Bits) {
  Fixture f;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(f.write({{"x", most}, {"y", 1}}).code(), Code::invalid_data);
}

TEST(JsonlSink, AbortRemovesThePartFile) {
  Fixture f;
  ASSERT_TRUE(f.write({{"x", 3}}).ok());
  EXPECT_TRUE(std::filesystem::exists(f.part));
  f.sink->abort();
  EXPECT_FALSE(std::filesystem::exists(f.part));
  EXPECT_EQ(f.sink->commit(load_of(1, 3), {}).code(), Code::internal);
}

TEST(JsonlSink, AWriterThatDidNotFinishSpoilsTheAttempt) {
  Fixture f;
  ASSERT_TRUE(f.sink->begin(attempt()).ok());
  {
    auto writer = std::move(f.sink->open()).value();
    ASSERT_TRUE(writer->write(batch_of({{"x", 3}})).ok());
  }
  EXPECT_EQ(f.sink->commit(load_of(1, 3), {}).code(), Code::internal);
  EXPECT_FALSE(std::filesystem::exists(f.file));
}

TEST(JsonlSink, ASecondAttemptAtTheSameTimeGetsConflict) {
  Fixture f;
  ASSERT_TRUE(f.sink->begin(attempt()).ok());
  auto other = PartFile::create(f.file);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.status().code(), Code::conflict);
}

TEST(JsonlSink, WritesOverAPartFileThatWasLeftBehind) {
  Fixture f;
  f.folder.write("o/2026-11-20.jsonl.part", "rubbish from a killed process");
  ASSERT_TRUE(f.write({{"x", 3}}).ok());
  ASSERT_TRUE(f.sink->commit(load_of(1, 3), {}).ok());
  EXPECT_EQ(read_file(f.file), "{\"word\":\"x\",\"clicks\":3,\"ctr\":0.25}\n");
}

TEST(JsonlSink, SaysWhatToDoWhenTheFolderIsMissing) {
  Fixture f({{"create", "", "false"}});
  const Status status = f.sink->begin(attempt());
  EXPECT_EQ(status.code(), Code::not_found);
  EXPECT_NE(status.next().find("create"), std::string::npos);
}

/// The largest file that this process may write, for as long as it lives.
struct FileSizeLimit {
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit limit = before;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    old_handler = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
  }
  rlimit before{};
  void (*old_handler)(int) = nullptr;
};

TEST(JsonlSink, NoRoomForTheFileIsResourceExhausted) {
  Fixture f;
  ASSERT_TRUE(f.write({{"x", 3}}).ok());
  ASSERT_TRUE(f.sink->commit(load_of(1, 3), {}).ok());
  {
    const FileSizeLimit limit(100);
    EXPECT_EQ(f.write({{std::string(200, 'y'), 3}}).code(), Code::resource_exhausted);
  }
  f.sink->abort();
  EXPECT_EQ(read_file(f.file), "{\"word\":\"x\",\"clicks\":3,\"ctr\":0.25}\n");
}

TEST(JsonlSink, RefusesAPathWithoutDate) {
  const auto sink =
      JsonlSink::create(Config({{"path", "", "out.jsonl"}, {"create", "", "false"}}), Host());
  EXPECT_EQ(sink.status().code(), Code::invalid_config);
}

TEST(JsonlSink, RefusesNumbersThatAreNotFinite) {
  BatchBuilder builder(rows_schema());
  builder.column(0).append_bytes("x");
  builder.column(1).append_int64(1);
  builder.column(2).append_float64(std::numeric_limits<double>::quiet_NaN());
  builder.end_row();
  std::string out;
  EXPECT_EQ(append_json_rows(out, rows_schema(), builder.finish(), std::nullopt).code(),
            Code::invalid_data);
}

TEST(JsonlSink, KeepsNoReceipts) {
  Fixture f;
  EXPECT_EQ(f.sink->receipts(attempt().partition, false).value().epoch, 0);
  EXPECT_EQ(f.sink->claim(attempt().partition).value(), 1);
  EXPECT_EQ(f.sink->reject({RejectRow{}}).code(), Code::unsupported);
  EXPECT_EQ(f.sink->identity().value(), "jsonl:" + f.folder.path().string() + "/o/{date}.jsonl");
}

}  // namespace
}  // namespace daymill::jsonl
