// What bind, check and identity say about servers, tables and rights.
#include <gtest/gtest.h>

#include <thread>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

using BindTest = SinkTest;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(BindTest, MissingTableAdvisesCreate) {
  const Status status = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::not_found);
  EXPECT_TRUE(contains(status.message(), "public.ads")) << status.message();
  EXPECT_TRUE(contains(status.next(), "\"create\": true"));
  EXPECT_TRUE(contains(status.where(), "/" + database_ + " table ads")) << status.where();
}

TEST_F(BindTest, CreatesThePartitionedTableWhenAsked) {
  auto sink = bound({{"create", "true"}});
  EXPECT_EQ(one("SELECT pg_get_partkeydef('ads'::regclass)"), "RANGE (date)");
  EXPECT_EQ(ask("SELECT attname, format_type(atttypid, -1), attnotnull FROM pg_attribute"
                " WHERE attrelid = 'ads'::regclass AND attnum > 0 ORDER BY attnum"),
            (std::vector<std::string>{"date|date|t", "ad_id|bigint|t", "search_word|text|t",
                                      "clicks|bigint|t", "impressions|bigint|t",
                                      "ctr|double precision|f"}));
  ASSERT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}}).to_string(), "OK");
  EXPECT_EQ(one("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"),
            "ads_20261122");
}

TEST_F(BindTest, ProcessesThatStartAtOnceAllCreate) {
  std::vector<std::thread> threads;
  std::vector<Status> statuses(4);
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] {
      auto sink = make({{"create", "true"}, {"lock_timeout", "0"}}).value();
      statuses[i] = sink->bind(ad_schema(), "ad_ctr");
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const Status& status : statuses) {
    EXPECT_EQ(status.to_string(), "OK");
  }
}

TEST_F(BindTest, ColumnsThatDoNotFitAreNamed) {
  exec(
      "CREATE TABLE ads (date date, ad_id integer, search_word text, clicks bigint,"
      " impressions bigint, ctr float8)");
  Status status = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(contains(status.message(), "ad_id of public.ads is integer, expected bigint"))
      << status.message();
  exec("ALTER TABLE ads ALTER ad_id TYPE bigint, DROP ctr");
  status = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(contains(status.message(), "has no column ctr")) << status.message();
  exec("ALTER TABLE ads ADD ctr real");
  EXPECT_EQ(make().value()->bind(ad_schema(), "ad_ctr").code(), Code::schema_mismatch);
  exec("ALTER TABLE ads ALTER ctr TYPE float8, ADD note text NOT NULL");
  status = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_TRUE(contains(status.message(), "note")) << status.message();
  exec("ALTER TABLE ads ALTER note SET DEFAULT ''");
  EXPECT_EQ(make().value()->bind(ad_schema(), "ad_ctr").to_string(), "OK");
}

TEST_F(BindTest, PartitionColumnMustBeADate) {
  exec(
      "CREATE TABLE ads (date timestamptz, ad_id bigint, search_word text, clicks bigint,"
      " impressions bigint, ctr float8)");
  const Status status = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(contains(status.message(), "timestamp with time zone, expected a plain date"));
}

TEST_F(BindTest, NondeterministicCollationInTheKeyIsRefused) {
  exec(
      "CREATE COLLATION blurred (provider = icu, locale = 'und-u-ks-level2',"
      " deterministic = false)");
  exec(
      "CREATE TABLE ads (date date, ad_id bigint, search_word text COLLATE blurred, clicks bigint,"
      " impressions bigint, ctr float8)");
  const Status status = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_TRUE(contains(status.message(), "nondeterministic"));
}

TEST_F(BindTest, ViewsUnloggedTablesAndOtherEncodingsAreRefused) {
  create_plain("base");
  exec("CREATE VIEW ads AS SELECT * FROM base");
  EXPECT_EQ(make().value()->bind(ad_schema(), "ad_ctr").code(), Code::unsupported);
  exec("DROP VIEW ads; ALTER TABLE base SET UNLOGGED; ALTER TABLE base RENAME TO ads");
  const Status unlogged = make().value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(unlogged.code(), Code::unsupported);
  EXPECT_TRUE(contains(unlogged.next(), "SET LOGGED"));
  server_.exec(
      "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
      " TEMPLATE template0");
  EXPECT_EQ(make({{"database", "latin"}}).value()->bind(ad_schema(), "p").code(),
            Code::unsupported);
}

TEST_F(BindTest, TablesAreFoundThroughTheLoginsSearchPath) {
  exec("CREATE SCHEMA shop; CREATE ROLE " + login_ + " SUPERUSER LOGIN");
  exec("ALTER ROLE " + login_ + " SET search_path = nowhere, shop, public");
  create_partitioned("public.ads");
  create_partitioned("shop.ads");
  auto sink = bound({{"user", login_}});
  EXPECT_TRUE(contains(sink->identity().value(), "/" + database_ + "/shop.ads"));
}

TEST_F(BindTest, IdentityIsTheSameFromEverywhere) {
  create_partitioned();
  const std::string identity = bound()->identity().value();
  EXPECT_EQ(identity, "postgres:" + one("SELECT system_identifier FROM pg_control_system()") + "/" +
                          database_ + "/public.ads");
  EXPECT_EQ(make({{"host", "localhost"}, {"table", "public.ads"}}).value()->identity().value(),
            identity);
  EXPECT_NE(bound({{"table", "other"}, {"create", "true"}})->identity().value(), identity);
}

TEST_F(BindTest, CheckDescribesServerAndTarget) {
  create_plain();
  std::string lines;
  const auto checked = make().value()->check();
  for (const std::string& line : checked.value()) {
    lines += line + "\n";
  }
  EXPECT_TRUE(contains(lines, "PostgreSQL")) << lines;
  EXPECT_TRUE(contains(lines, "warning: days are loaded into public.ads by DELETE and INSERT"));
  EXPECT_TRUE(contains(lines, "not partitioned by RANGE"));
  EXPECT_TRUE(contains(lines, "warning: fsync"));
  EXPECT_FALSE(contains(lines, "error:"));
  std::string missing;
  const auto unchecked = make({{"table", "nothing"}}).value()->check();
  for (const std::string& line : unchecked.value()) {
    missing += line + "\n";
  }
  EXPECT_TRUE(contains(missing, "error: NOT_FOUND: table public.nothing does not exist"));
}

class RightsTest : public SinkTest {
 protected:
  RightsTest() : role_(login_) {
    exec("CREATE ROLE " + role_ + " LOGIN");
    exec("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  }
  void grant_evidence(const Status& refused) {
    exec(refused.next().substr(refused.next().find('\n')));
  }
  std::string role_;
};

TEST_F(RightsTest, WithoutRightsTheScriptToRunIsGiven) {
  create_plain();
  const Status status = make({{"user", role_}}).value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::permission_denied);
  EXPECT_TRUE(contains(status.message(), "schema daymill")) << status.message();
  grant_evidence(status);
  // With the evidence and the documented grants on a plain table, loading works.
  exec("GRANT SELECT, INSERT, DELETE ON ads TO " + role_);
  auto sink = bound({{"user", role_}});
  EXPECT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}}).to_string(), "OK");
  std::vector<AdRow> rows;
  for (std::int64_t i = 0; i < 100; ++i) {
    rows.push_back({i, "shoes", 1, 3});
  }
  EXPECT_EQ(load_day(*sink, "2026-11-22", {rows}).to_string(), "OK");
  rows[0].clicks = 2;  // few changes, but no right to UPDATE
  EXPECT_EQ(load_day(*sink, "2026-11-22", {rows}).to_string(), "OK");
  EXPECT_EQ(sink->mark_removed(day_partition("2026-11-22"), "clicks", 1).to_string(), "OK");
  EXPECT_FALSE(sink->identity().value().empty());
}

TEST_F(RightsTest, MissingGrantsAreListed) {
  create_plain();
  ASSERT_NE(bound(), nullptr);  // creates the evidence as superuser
  const Status status = make({{"user", role_}}).value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::permission_denied);
  EXPECT_TRUE(contains(status.message(), "USAGE on schema daymill")) << status.message();
  EXPECT_TRUE(contains(status.next(), role_));
}

TEST_F(RightsTest, ATableWithoutRightsIsPermissionDenied) {
  create_plain();
  grant_evidence(make({{"user", role_}}).value()->bind(ad_schema(), "ad_ctr"));
  auto sink = make({{"user", role_}}).value();
  ASSERT_EQ(sink->bind(ad_schema(), "ad_ctr").to_string(), "OK");
  const Status status = load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}});
  EXPECT_EQ(status.code(), Code::permission_denied);
  EXPECT_TRUE(contains(status.message(), "ads")) << status.message();
}

TEST_F(RightsTest, OwnersAttachOthersInsert) {
  create_partitioned();
  exec("CREATE TABLE ads_rest PARTITION OF ads DEFAULT");
  grant_evidence(make({{"user", role_}}).value()->bind(ad_schema(), "ad_ctr"));
  exec("GRANT SELECT, INSERT, DELETE ON ads TO " + role_);
  auto sink = bound({{"user", role_}});
  ASSERT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}}).to_string(), "OK");
  EXPECT_EQ(one("SELECT tableoid::regclass FROM ads"), "ads_rest");
  exec("ALTER TABLE ads OWNER TO " + role_ + "; GRANT CREATE ON SCHEMA public TO " + role_);
  sink = bound({{"user", role_}});
  ASSERT_EQ(load_day(*sink, "2026-11-22", {{{1, "shoes", 1, 4}}}).to_string(), "OK");
  EXPECT_EQ(ask("SELECT tableoid::regclass, impressions FROM ads"),
            std::vector<std::string>{"ads_20261122|4"});
}

}  // namespace
}  // namespace daymill::postgres
