// Servers that are down, refuse, die, hang or keep a lock.
#include <gtest/gtest.h>

#include <thread>

#include "sink.hpp"
#include "sink_fixture.hpp"
#include "support/free_port.hpp"
#include "support/wait_until.hpp"

namespace daymill::postgres {
namespace {

using FailureTest = SinkTest;
using support::wait_until;

TEST_F(FailureTest, AServerThatIsDownIsUnavailable) {
  auto sink =
      PostgresSink::create(sink_config(support::free_port(), "postgres"), host_.host()).value();
  const Status status = sink->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::unavailable);
  EXPECT_NE(status.message().find("refused"), std::string::npos) << status.message();
  EXPECT_NE(status.next().find("pg_isready"), std::string::npos);
}

TEST_F(FailureTest, AMissingDatabaseIsNamed) {
  const Status status = make({{"database", "nowhere"}}).value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(status.code(), Code::not_found);
  EXPECT_NE(status.message().find("\"nowhere\" does not exist"), std::string::npos)
      << status.message();
}

TEST(PasswordTest, AWrongOrMissingPasswordIsUnauthenticatedAndNeverShown) {
  PrivatePostgres server({.scram = true});
  TestHost host;
  for (const std::string password : {"s3cret-but-wrong", ""}) {
    auto sink = PostgresSink::create(
                    sink_config(server.port(), "postgres", {{"password", password}}), host.host())
                    .value();
    const Status status = sink->bind(ad_schema(), "ad_ctr");
    EXPECT_EQ(status.code(), Code::unauthenticated) << status.to_string();
    EXPECT_EQ((status.to_string() + status.next()).find("s3cret"), std::string::npos);
  }
  auto sink = PostgresSink::create(
                  sink_config(server.port(), "postgres",
                              {{"password", PrivatePostgres::password()}, {"create", "true"}}),
                  host.host())
                  .value();
  EXPECT_EQ(sink->bind(ad_schema(), "ad_ctr").to_string(), "OK");
}

TEST_F(FailureTest, ABackendTerminatedMidCopyIsUnavailableAndRetryWorks) {
  create_partitioned();
  auto sink = bound();
  const Partition day = day_partition(kDay);
  ASSERT_TRUE(sink->claim(day).ok());
  ASSERT_TRUE(sink->begin({day, 1, "r", false}).ok());
  auto writer = sink->open().value();
  ASSERT_TRUE(writer->write(ad_batch(kTwoRows)).ok());
  ASSERT_EQ(one("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'COPY%'"),
            "1");
  std::vector<AdRow> many(20'000, AdRow{1, "word", 1, 1});
  Status status;
  for (int i = 0; i < 10 && status.ok(); ++i) {
    status = writer->write(ad_batch(many));
  }
  EXPECT_EQ(status.code(), Code::unavailable) << status.to_string();
  EXPECT_NE(status.message().find("57P01"), std::string::npos) << status.message();
  writer.reset();
  sink->abort();
  EXPECT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
}

TEST_F(FailureTest, AnErrorDuringCopyEndsItEarlyWithTheServersWords) {
  create_partitioned();
  auto sink = bound();
  const Partition day = day_partition(kDay);
  ASSERT_TRUE(sink->claim(day).ok());
  ASSERT_TRUE(sink->begin({day, 1, "r", false}).ok());
  auto writer = sink->open().value();
  Status status = writer->write(ad_batch({{1, "\xff", 1, 1}}));
  const std::vector<AdRow> many(20'000, AdRow{1, "word", 1, 1});
  ASSERT_TRUE(wait_until([&] {
    status = writer->write(ad_batch(many));
    return !status.ok();
  }));
  EXPECT_EQ(status.code(), Code::invalid_data) << status.to_string();
  EXPECT_NE(status.message().find("line 1, column search_word"), std::string::npos);
}

TEST(CrashTest, AServerKilledBeforeTheCommitLosesNothingButTheAttempt) {
  PrivatePostgres server;
  TestHost host;
  auto sink = PostgresSink::create(sink_config(server.port(), "postgres", {{"create", "true"}}),
                                   host.host())
                  .value();
  ASSERT_TRUE(sink->bind(ad_schema(), "ad_ctr").ok());
  ASSERT_TRUE(stage_day(*sink, kDay, {kTwoRows}).ok());
  server.kill9();
  const Status status = sink->commit(load_of(kTwoRows), {receipt("clicks", 1)});
  EXPECT_EQ(status.code(), Code::unavailable) << status.to_string();
  server.start();
  sink->abort();
  EXPECT_FALSE(sink->receipts(day_partition(kDay), true).value().load.has_value());
  EXPECT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  server.kill9();
  server.start();
  EXPECT_EQ(server.query("SELECT sum(clicks) FROM ads")[0][0], "4");
}

// COMMIT waits for a standby that does not exist; then the session is ended. The rows are there.
TEST(CommitUnknownTest, ALostAnswerIsResolvedByTheReceipts) {
  PrivatePostgres server;
  TestHost host;
  auto sink = PostgresSink::create(sink_config(server.port(), "postgres", {{"create", "true"}}),
                                   host.host())
                  .value();
  ASSERT_TRUE(sink->bind(ad_schema(), "ad_ctr").ok());
  ASSERT_TRUE(stage_day(*sink, kDay, {kTwoRows}).ok());
  server.exec("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server.exec("SELECT pg_reload_conf()");
  ASSERT_TRUE(
      wait_until([&] { return server.query("SHOW synchronous_standby_names")[0][0] == "nobody"; }));
  Status status;
  std::thread committing([&] { status = sink->commit(load_of(kTwoRows), {receipt("clicks", 1)}); });
  EXPECT_TRUE(wait_until([&] {
    return server.query(
               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
               " WHERE wait_event = 'SyncRep'")[0][0] == "1";
  }));
  committing.join();
  EXPECT_EQ(status.code(), Code::commit_unknown) << status.to_string();
  server.exec("ALTER SYSTEM RESET synchronous_standby_names");
  server.exec("SELECT pg_reload_conf()");
  sink->abort();
  const Evidence evidence = sink->receipts(day_partition(kDay), true).value();
  ASSERT_TRUE(evidence.load.has_value());
  EXPECT_EQ(evidence.receipts.size(), 1u);
  EXPECT_EQ(evidence.difference, "");
}

// The session dies in the middle of COMMIT, before it is done. The rows are not there.
TEST_F(FailureTest, ACommitThatDiedIsUnknownUntilTheReceiptsAreRead) {
  create_partitioned();
  auto sink = bound();
  exec(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
      " CREATE CONSTRAINT TRIGGER die AFTER INSERT ON daymill.load DEFERRABLE INITIALLY DEFERRED"
      " FOR EACH ROW EXECUTE FUNCTION die()");
  ASSERT_TRUE(stage_day(*sink, kDay, {kTwoRows}).ok());
  EXPECT_EQ(sink->commit(load_of(kTwoRows), {receipt("clicks", 1)}).code(), Code::commit_unknown);
  exec("DROP TRIGGER die ON daymill.load");
  EXPECT_FALSE(sink->receipts(day_partition(kDay), true).value().load.has_value());
  // The stage is still there: the same attempt may commit again.
  EXPECT_EQ(sink->commit(load_of(kTwoRows), {receipt("clicks", 1)}).to_string(), "OK");
}

TEST_F(FailureTest, ALockThatIsHeldIsAConflictAndTheCommitCanBeRepeated) {
  create_partitioned();
  auto sink = bound({{"lock_timeout", "50ms"}});
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  ASSERT_TRUE(stage_day(*sink, kDay, {kTwoRows}).ok());
  auto reader =
      Connection::open(read_settings(sink_config(server_.port(), database_)).value(), host_.host())
          .value();
  const std::vector<Receipt> receipts = {receipt("clicks", 1), receipt("views", 1)};
  exec("UPDATE ads SET clicks = clicks + 1");  // so that the reload changes the whole day
  // Like a long query.
  ASSERT_TRUE(reader->script("BEGIN; LOCK TABLE public.ads IN ACCESS SHARE MODE").ok());
  const Status status = sink->commit(load_of(kTwoRows), receipts);
  EXPECT_EQ(status.code(), Code::conflict) << status.to_string();
  reader->roll_back();
  EXPECT_EQ(sink->commit(load_of(kTwoRows), receipts).to_string(), "OK");
  EXPECT_EQ(one("SELECT sum(clicks) FROM ads"), "4");
}

TEST_F(FailureTest, StoppingInterruptsALongWait) {
  create_partitioned();
  auto sink = bound({{"lock_timeout", "0"}});
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  auto holder =
      Connection::open(read_settings(sink_config(server_.port(), database_)).value(), Host())
          .value();
  ASSERT_TRUE(holder->script("BEGIN; UPDATE daymill.fence SET epoch = epoch").ok());
  Status status;
  std::thread waiting([&] { status = sink->receipts(day_partition(kDay), true).status(); });
  EXPECT_TRUE(wait_until([&] {
    return one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
               " AND datname = current_database()") == "1";
  }));
  host_.stop = true;
  waiting.join();
  EXPECT_EQ(status.code(), Code::cancelled) << status.to_string();
  host_.stop = false;
  holder->roll_back();
  EXPECT_TRUE(sink->receipts(day_partition(kDay), true).ok());
}

TEST_F(FailureTest, AStatementThatTakesTooLongTimesOut) {
  create_partitioned();
  auto sink = bound({{"statement_timeout", "50ms"}, {"lock_timeout", "0"}});
  ASSERT_TRUE(sink->claim(day_partition(kDay)).ok());
  auto holder =
      Connection::open(read_settings(sink_config(server_.port(), database_)).value(), Host())
          .value();
  ASSERT_TRUE(holder->script("BEGIN; UPDATE daymill.fence SET epoch = epoch").ok());
  EXPECT_EQ(sink->claim(day_partition(kDay)).status().code(), Code::timeout);
}

TEST_F(FailureTest, AReadOnlyServerIsNamed) {
  create_partitioned();
  exec("CREATE ROLE " + login_ +
       " SUPERUSER LOGIN;"
       " ALTER ROLE " +
       login_ + " SET default_transaction_read_only = on");
  auto sink = bound({{"user", login_}});
  // Transactions ask for READ WRITE, which overrides a default; a single statement does not.
  ASSERT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
  const Status status = sink->mark_removed(day_partition(kDay), "clicks", 1);
  EXPECT_EQ(status.code(), Code::unsupported) << status.to_string();
  EXPECT_NE(status.next().find("the primary"), std::string::npos);
}

TEST_F(FailureTest, AWriterThatIsDroppedGivesItsRowsUp) {
  create_partitioned();
  auto sink = bound();
  const Partition day = day_partition(kDay);
  ASSERT_TRUE(sink->claim(day).ok());
  ASSERT_TRUE(sink->begin({day, 1, "r", false}).ok());
  sink->open().value()->write(ad_batch(kTwoRows)).ignore("given up");
  EXPECT_EQ(sink->commit(load_of(kTwoRows), {receipt("clicks", 1)}).code(), Code::internal);
  sink->abort();
  sink->abort();
  EXPECT_EQ(load_day(*sink, kDay, {kTwoRows}).to_string(), "OK");
}

}  // namespace
}  // namespace daymill::postgres
