// What a stage is made of, and that attaching it reads none of its rows.
#include "stage.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

class StageTest : public SinkTest {
 protected:
  std::string stage_name() {
    return one(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'daymill_stage' AND c.relkind = 'r'");
  }
  /// Runs SQL and returns what the server notes at DEBUG1 meanwhile.
  std::string debug_notes(const std::string& sql) {
    PGconn* connection = PQconnectdb(server_.conninfo(database_).c_str());
    std::string notes;
    PQsetNoticeProcessor(
        connection,
        [](void* text, const char* message) { *static_cast<std::string*>(text) += message; },
        &notes);
    PQclear(PQexec(connection, "SET client_min_messages = debug1"));
    PGresult* result = PQexec(connection, sql.c_str());
    EXPECT_EQ(PQresultStatus(result), PGRES_COMMAND_OK) << PQerrorMessage(connection);
    PQclear(result);
    PQfinish(connection);
    return notes;
  }
};

TEST_F(StageTest, AttachingReadsNoRowsAndBuildsNoIndex) {
  create_partitioned();
  exec("CREATE INDEX by_word ON ads (search_word)");
  auto sink = bound();
  ASSERT_TRUE(stage_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}}).ok());
  const std::string stage = "daymill_stage." + stage_name();
  const std::string notes = debug_notes("ALTER TABLE ads ATTACH PARTITION " + stage +
                                        " FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')");
  EXPECT_NE(notes.find("is implied by existing constraints"), std::string::npos) << notes;
  EXPECT_EQ(notes.find("building index"), std::string::npos) << notes;
  EXPECT_EQ(one("SELECT count(*) FROM pg_index WHERE indrelid = '" + stage + "'::regclass"), "2");
}

TEST_F(StageTest, IsLoggedFrozenAnalyzedAndExplained) {
  create_partitioned();
  auto sink = bound();
  ASSERT_TRUE(stage_day(*sink, "2026-11-22", {{{1, "shoes", 1, 2}}}).ok());
  const std::string oid = "'daymill_stage." + stage_name() + "'::regclass";
  EXPECT_EQ(one("SELECT relpersistence, reltuples FROM pg_class WHERE oid = " + oid), "p|1");
  EXPECT_EQ(one("SELECT count(*) FROM pg_stats WHERE schemaname = 'daymill_stage'"), "6");
  EXPECT_EQ(one("SELECT obj_description(" + oid + ", 'pg_class')"),
            "daymill: public.ads 2026-11-22 epoch 1 run run-1");
}

TEST_F(StageTest, WhileRowsAreCopiedTheTargetIsNotLocked) {
  create_partitioned();
  auto sink = bound();
  const Partition day = day_partition("2026-11-22");
  ASSERT_TRUE(sink->claim(day).ok());
  ASSERT_TRUE(sink->begin({day, 1, "r", false}).ok());
  auto writer = sink->open().value();
  ASSERT_TRUE(writer->write(ad_batch({{1, "shoes", 1, 2}})).ok());
  EXPECT_EQ(one("SELECT count(*) FROM pg_locks WHERE relation = 'ads'::regclass"), "0");
  EXPECT_EQ(writer->finish().to_string(), "OK");
}

}  // namespace
}  // namespace daymill::postgres
