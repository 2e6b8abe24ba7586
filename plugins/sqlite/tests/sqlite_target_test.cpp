#include "target.hpp"

#include <filesystem>

#include "sink_fixture.hpp"

namespace daymill::sqlite {
namespace {

Status bind(const SinkFixture& f, const SinkFixture::Settings& changes = {}) {
  return f.make(changes)->bind(rows_schema(), "ads");
}

/// Binds to a table that was created by this statement.
Status bind_to(const std::string& create) {
  SinkFixture f;
  f.execute(create);
  return bind(f, {{"create", "false"}});
}

TEST(SqliteTarget, CreatesAStrictTable) {
  SinkFixture f;
  ASSERT_TRUE(bind(f).ok());
  EXPECT_EQ(f.query("SELECT sql FROM sqlite_schema WHERE name = 'analytics'").at(0),
            "CREATE TABLE \"analytics\" (\"date\" TEXT NOT NULL, \"ad_id\" INTEGER NOT NULL, "
            "\"search_word\" TEXT NOT NULL, \"clicks\" INTEGER, \"impressions\" INTEGER, "
            "\"ctr\" REAL, PRIMARY KEY (\"date\", \"ad_id\", \"search_word\")) STRICT, WITHOUT "
            "ROWID");
  EXPECT_TRUE(bind(f).ok());
}

TEST(SqliteTarget, DoesNotCreateUnlessTold) {
  SinkFixture f;
  const Status no_file = bind(f, {{"create", "false"}});
  EXPECT_EQ(no_file.code(), Code::not_found);
  EXPECT_NE(no_file.next().find("create"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(f.database()));
  f.execute("CREATE TABLE x (y)");
  EXPECT_EQ(bind(f, {{"create", "false"}}).code(), Code::not_found);
}

TEST(SqliteTarget, AcceptsATableOfSomebodyElse) {
  EXPECT_TRUE(bind_to("CREATE TABLE analytics (date DATE, ad_id BIGINT, search_word VARCHAR(99), "
                      "clicks NUMERIC, impressions INT, ctr DOUBLE PRECISION, note TEXT, at TEXT "
                      "NOT NULL DEFAULT 'x')")
                  .ok());
}

TEST(SqliteTarget, RefusesTablesThatDoNotFit) {
  const Status missing = bind_to(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT, clicks INT, ctr REAL)");
  EXPECT_EQ(missing.code(), Code::schema_mismatch);
  EXPECT_EQ(missing.message(), "the table has no column \"impressions\"");
  EXPECT_NE(missing.next().find("ADD COLUMN \"impressions\" INTEGER"), std::string::npos);
  const Status type = bind_to(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word NUMERIC, clicks INT, impressions "
      "INT, ctr REAL)");
  EXPECT_EQ(type.code(), Code::schema_mismatch);
  EXPECT_EQ(type.message(),
            "column \"search_word\" is declared as \"NUMERIC\", expected TEXT for text");
  const Status collation = bind_to(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT COLLATE NOCASE, clicks INT, "
      "impressions INT, ctr REAL)");
  EXPECT_EQ(collation.code(), Code::schema_mismatch);
  EXPECT_NE(collation.message().find("NOCASE"), std::string::npos);
  const Status not_null = bind_to(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT, clicks INT, impressions "
      "INT, "
      "ctr REAL, owner TEXT NOT NULL)");
  EXPECT_EQ(not_null.code(), Code::schema_mismatch);
  EXPECT_NE(not_null.message().find("\"owner\""), std::string::npos);
  EXPECT_EQ(bind_to("CREATE VIEW analytics AS SELECT 1").code(), Code::schema_mismatch);
}

TEST(SqliteTarget, RefusesSettingsThatDoNotFitTheRows) {
  SinkFixture f;
  EXPECT_EQ(bind(f, {{"table", "daymill_load"}}).code(), Code::invalid_config);
  EXPECT_EQ(bind(f, {{"partition_column", "ad_id"}}).code(), Code::schema_mismatch);
  EXPECT_EQ(bind(f, {{"partition_column", "day"}}).code(), Code::schema_mismatch);
  Schema rows = rows_schema();
  rows.fields[0].role = Role::attribute;
  const Status key = f.make()->bind(rows, "ads");
  EXPECT_EQ(key.code(), Code::schema_mismatch);
  EXPECT_NE(key.message().find("date, search_word"), std::string::npos);
}

TEST(SqliteTarget, RefusesEmptyNames) {
  for (const char* setting : {"database", "table", "partition_column"}) {
    std::vector<Config::Entry> entries{{"database", "", "x.db"},
                                       {"table", "", "t"},
                                       {"partition_column", "", "date"},
                                       {"key", "0", "date"}};
    std::erase_if(entries, [&](const auto& entry) { return entry.name == setting; });
    entries.push_back({setting, "", ""});
    EXPECT_EQ(SqliteSink::create(Config(entries), Host()).status().code(), Code::invalid_config);
  }
}

TEST(SqliteTarget, QuotesStrangeNames) {
  SinkFixture f;
  const std::string name = "a \"table\"; DROP TABLE x --";
  const auto sink = f.make({{"table", name}});
  ASSERT_TRUE(sink->bind(rows_schema(), "ads' --").ok());
  ASSERT_TRUE(SinkFixture::load(*sink, "2026-11-20", {{1, "'; --", 1, 1}}).ok());
  EXPECT_EQ(f.query("SELECT search_word FROM " + sqlite::quote_name(name)).at(0), "'; --");
  EXPECT_TRUE(sink->receipts(day_of("2026-11-20"), false).value().load.has_value());
}

TEST(SqliteTarget, RefusesAFileThatIsNoDatabase) {
  SinkFixture f;
  f.folder.write("analytics.db", std::string(4096, 'x'));
  EXPECT_EQ(bind(f).code(), Code::corrupt);
}

TEST(SqliteTarget, StoresEveryType) {
  SinkFixture f;
  Schema rows{{{"id", Type::int64, Role::key, false},
               {"flag", Type::boolean, Role::attribute, true},
               {"on", Type::date, Role::attribute, true},
               {"at", Type::timestamp, Role::attribute, true},
               {"raw", Type::binary, Role::attribute, true}}};
  auto sink = std::move(SqliteSink::create(Config({{"database", "", f.database()},
                                                   {"table", "", "t"},
                                                   {"partition_column", "", "date"},
                                                   {"create", "", "true"},
                                                   {"key", "0", "date"},
                                                   {"key", "1", "id"}}),
                                           Host()))
                  .value();
  ASSERT_TRUE(sink->bind(rows, "types").ok());
  BatchBuilder builder(rows);
  builder.column(0).append_int64(1);
  builder.column(1).append_boolean(true);
  builder.column(2).append_date(*parse_date("2026-02-28"));
  builder.column(3).append_int64(*parse_timestamp("2026-02-28T01:02:03.5Z"));
  builder.column(4).append_bytes(std::string_view("\0x", 2));
  builder.end_row();
  const std::int64_t epoch = sink->claim(day_of("2026-11-20")).value();
  ASSERT_TRUE(sink->begin(Attempt{day_of("2026-11-20"), epoch, "run", false}).ok());
  auto writer = std::move(sink->open()).value();
  ASSERT_TRUE(writer->write(builder.finish()).ok());
  ASSERT_TRUE(writer->finish().ok());
  Load load;
  load.epoch = epoch;
  load.rows_out = 1;
  ASSERT_TRUE(sink->commit(load, {}).ok());
  EXPECT_EQ(f.query("SELECT date, id, flag, \"on\", at, hex(raw) FROM t").at(0),
            "2026-11-20|1|1|2026-02-28|2026-02-28T01:02:03.5Z|0078");
}

}  // namespace
}  // namespace daymill::sqlite
