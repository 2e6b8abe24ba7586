#include "sqlite_source.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connection.hpp"
#include "support/temporary_folder.hpp"

namespace daymill::sqlite {
namespace {

using Lines = std::vector<std::string>;

struct RecordingHost {
  Lines lines;
  bool stop = false;
  daymill_host c_host{
      sizeof(daymill_host), this,
      [](void* self, std::int32_t, daymill_text text) {
        static_cast<RecordingHost*>(self)->lines.emplace_back(text.data, text.size);
      },
      [](void* self) -> std::int32_t { return static_cast<RecordingHost*>(self)->stop ? 1 : 0; }};
};

struct Decoded final : Emitter {
  Lines rows;
  Lines rejected;
  Status emit(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      rows.push_back(
          std::to_string(batch.column(0).int64s()[row]) + "|" +
          std::string(batch.column(1).bytes_at(row)) + "|" +
          (batch.column(2).is_null(row) ? "~" : std::to_string(batch.column(2).int64s()[row])));
    }
    return {};
  }
  Status reject(const Rejection& rejection) override {
    rejected.push_back(std::string(rejection.reason) + " " + std::to_string(rejection.amount) +
                       " " + std::string(rejection.message));
    return {};
  }
};

Partition day() {
  Partition partition;
  partition.label = "2026-11-20";
  partition.day = *parse_date("2026-11-20");
  return partition;
}

struct Fixture {
  explicit Fixture(const std::string& rows = {}) {
    execute("CREATE TABLE counts (day TEXT, ad_id, word, clicks)");
    if (!rows.empty()) {
      execute("INSERT INTO counts VALUES " + rows);
    }
  }
  void execute(const std::string& sql) const {
    const auto connection =
        Connection::open(database, Connection::Mode::create, 0, Host()).value()->execute(sql);
    EXPECT_TRUE(connection.ok()) << connection.to_string();
  }
  std::unique_ptr<Source> make(const std::string& query, const std::string& path = {}) {
    auto source = SqliteSource::create(Config({{"database", "", path.empty() ? database : path},
                                               {"query", "", query},
                                               {"busy_timeout_ms", "", "0"},
                                               {"columns", "ad_id", "int64"},
                                               {"columns", "word", "text"},
                                               {"columns", "clicks", "int64"},
                                               {"keys", "0", "ad_id"},
                                               {"keys", "1", "word"},
                                               {"measures", "0", "clicks"}}),
                                       Host(&host.c_host));
    EXPECT_TRUE(source.ok()) << source.status().to_string();
    return std::move(source).value();
  }
  Status run(const std::string& query = kQuery) {
    const auto source = make(query);
    const Split split = source->plan(day()).value().at(0);
    DAYMILL_ASSIGN(auto reader, source->open(day(), split));
    DAYMILL_ASSIGN(auto lane, source->decoder(day(), split.id));
    ReadState state = ReadState::more;
    while (state == ReadState::more) {
      BatchBuilder builder(source->raw_schema().value());
      DAYMILL_ASSIGN(state, reader->read(builder));
      DAYMILL_TRY(lane->process(builder.finish(), decoded));
    }
    return lane->finish(decoded);
  }

  static constexpr const char* kQuery = "SELECT word, ad_id, clicks FROM counts WHERE day = :date";
  support::TemporaryFolder folder{"sqlite"};
  std::string database = (folder / "shop.db").string();
  RecordingHost host;
  Decoded decoded;
};

TEST(SqliteSource, ReadsTheRowsOfTheDay) {
  Fixture f(
      "('2026-11-20', 7, 'shoes', 3), ('2026-11-19', 7, 'shoes', 9), "
      "('2026-11-20', '8', '', NULL), ('2026-11-20', 9, 'é: \"x\"', -1)");
  const Status status = f.run();
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(f.decoded.rows, (Lines{"7|shoes|3", "8||~", "9|é: \"x\"|-1"}));
  EXPECT_TRUE(f.host.lines.empty());
}

TEST(SqliteSource, RejectsWhatDoesNotFit) {
  Fixture f(
      "('2026-11-20', 7, 'a', 3.0), ('2026-11-20', 7, 'a', '1e3'), "
      "('2026-11-20', 7.5, 'a', 3), ('2026-11-20', 7, X'FF', 4), "
      "('2026-11-20', NULL, 'a', 5), ('2026-11-20', 7, 'a' || char(0), 6), "
      "('2026-11-20', 7, 'a', '9223372036854775808'), ('2026-11-20', 7, 'a', 1e999)");
  ASSERT_TRUE(f.run().ok());
  EXPECT_TRUE(f.decoded.rows.empty());
  ASSERT_EQ(f.decoded.rejected.size(), 8u);
  EXPECT_EQ(f.decoded.rejected[0].substr(0, 65),
            "value.not_integer 0 row 1: column \"clicks\": found \"3.0\", expected");
  EXPECT_EQ(f.decoded.rejected[2].substr(0, 19), "value.not_integer 3");
  EXPECT_EQ(f.decoded.rejected[3].substr(0, 15), "text.not_utf8 4");
  EXPECT_EQ(f.decoded.rejected[4].substr(0, 13), "key.missing 5");
  EXPECT_EQ(f.decoded.rejected[5].substr(0, 10), "text.nul 6");
}

TEST(SqliteSource, ReadsInPagesAndOneMoment) {
  Fixture f;
  f.execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000) "
      "INSERT INTO counts SELECT '2026-11-20', i, 'w', 1 FROM n");
  ASSERT_TRUE(f.run().ok());
  EXPECT_EQ(f.decoded.rows.size(), 70000u);
}

TEST(SqliteSource, GivesItsLockBackAtTheEnd) {
  Fixture f("('2026-11-20', 7, 'shoes', 3)");
  const auto source = f.make(Fixture::kQuery);
  const auto reader = std::move(source->open(day(), source->plan(day()).value().at(0))).value();
  BatchBuilder builder(source->raw_schema().value());
  EXPECT_EQ(reader->read(builder).value(), ReadState::end);
  f.execute("DELETE FROM counts");  // fails while somebody reads
  EXPECT_EQ(reader->confirm(1).value(), Scan::stable);
}

TEST(SqliteSource, RefusesQueriesThatCannotBeMeant) {
  Fixture f;
  for (const char* query :
       {"SELECT ad_id, word, clicks FROM counts", "SELEC 1",
        "SELECT ad_id, word, clicks FROM counts WHERE day = :date AND ad_id = :other",
        "DELETE FROM counts WHERE day = :date", "", "SELECT * FROM nothing WHERE day = :date",
        "SELECT ad_id, word, clicks FROM counts WHERE day = :date; DROP TABLE counts",
        "SELECT ad_id, word, clicks, 1 AS clicks FROM counts WHERE day = :date"}) {
    EXPECT_EQ(f.run(query).code(), Code::invalid_config) << query;
  }
  const Status missing = f.run("SELECT ad_id, word FROM counts WHERE day = :date");
  EXPECT_EQ(missing.code(), Code::schema_mismatch);
  EXPECT_NE(missing.message().find("\"clicks\""), std::string::npos);
}

TEST(SqliteSource, WarnsAboutColumnsThatAreNotDeclared) {
  Fixture f("('2026-11-20', 7, 'shoes', 3)");
  ASSERT_TRUE(f.run("SELECT * FROM counts WHERE day = :date;\n").ok());
  ASSERT_EQ(f.host.lines.size(), 1u);
  EXPECT_NE(f.host.lines[0].find("\"day\""), std::string::npos);
}

TEST(SqliteSource, AMissingDatabaseIsAnAbsentSplit) {
  Fixture f;
  const auto source = f.make(Fixture::kQuery, f.folder.path().string() + "/none.db");
  const Split split = source->plan(day()).value().at(0);
  EXPECT_FALSE(split.present);
  EXPECT_EQ(source->open(day(), split).status().code(), Code::not_found);
  EXPECT_EQ(source->check().status().code(), Code::not_found);
}

TEST(SqliteSource, ALockedDatabaseIsAConflict) {
  Fixture f;
  auto locker =
      std::move(Connection::open(f.database, Connection::Mode::create, 0, Host())).value();
  ASSERT_TRUE(locker->execute("BEGIN EXCLUSIVE").ok());
  EXPECT_EQ(f.run().code(), Code::conflict);
}

TEST(SqliteSource, StopsWhenAsked) {
  Fixture f("('2026-11-20', 7, 'shoes', 3)");
  f.host.stop = true;
  EXPECT_EQ(f.run().code(), Code::cancelled);
}

TEST(SqliteSource, ChecksItsQuery) {
  Fixture f;
  EXPECT_TRUE(f.make(Fixture::kQuery)->check().ok());
}

}  // namespace
}  // namespace daymill::sqlite
