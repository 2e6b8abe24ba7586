// Parts of a query that show one moment; servers that are down, die or hang.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "identifier.hpp"
#include "source_fixture.hpp"
#include "support/free_port.hpp"
#include "support/wait_until.hpp"

namespace daymill::postgres {
namespace {

// ---- Splits

const Overrides kFourParts = {{"splits", "4"}, {"split_by", "ad_id"}};

TEST_F(SourceTest, PartsTogetherAreTheWhole) {
  create_counts();
  exec("INSERT INTO counts SELECT '2026-11-22', i, 'w', 10 FROM generate_series(-50, 49) AS i");
  exec(
      "INSERT INTO counts VALUES ('2026-11-22', NULL, 'nobody', 7),"
      " ('2026-11-22', -9223372036854775808, 'least', 7),"
      " ('2026-11-22', 9223372036854775807, 'most', 7)");
  const auto whole = read_day(*source());
  const auto from = source({.settings = kFourParts});
  const auto splits = from->plan(day_partition("2026-11-22"));
  ASSERT_TRUE(splits.ok()) << splits.status().to_string();
  ASSERT_EQ(splits->size(), 4u);
  EXPECT_EQ(splits->at(0).id, "query part 1 of 4 by ad_id");
  EXPECT_TRUE(splits->at(3).present);
  const auto parts = read_day(*from);
  ASSERT_TRUE(parts.ok()) << parts.status().to_string();
  EXPECT_EQ(parts->rows, whole->rows);
  EXPECT_EQ(parts->rejects, whole->rejects);
  EXPECT_EQ(parts->rejects.size(), 1u);
  EXPECT_TRUE(support::wait_until([&] { return sessions_in_a_transaction() == "0"; }))
      << "nothing is held once everything was read";
}

TEST_F(SourceTest, AllPartsShowOneMomentWhileSomebodyWrites) {
  create_counts();
  exec("INSERT INTO counts SELECT '2026-11-22', i, 'w', 1000 FROM generate_series(1, 2000) AS i");
  std::atomic<bool> done = false;
  std::atomic<int> moved = 0;
  std::thread writer([&] {  // moves clicks between parts; the sum stays
    PGconn* const session = PQconnectdb(server_.conninfo(database_).c_str());
    for (int i = 0; !done; ++i) {
      const std::string from = std::to_string(1 + i % 2000);
      const std::string to = std::to_string(1 + (i + 1) % 2000);
      PQclear(PQexec(session, ("UPDATE counts SET clicks = clicks + CASE ad_id WHEN " + from +
                               " THEN -1 ELSE 1 END WHERE ad_id IN (" + from + ", " + to + ")")
                                  .c_str()));
      ++moved;
    }
    PQfinish(session);
  });
  const auto from = source({.settings = kFourParts});
  for (int round = 0; round < 10; ++round) {
    const int before = moved;
    const auto read = read_day(*from);
    EXPECT_TRUE(read.ok()) << read.status().to_string();
    std::int64_t sum = 0;
    for (const std::string& row : read.ok() ? read->rows : Lines{}) {
      sum += std::stoll(row.substr(row.rfind('|') + 1));
    }
    EXPECT_EQ(sum, 2'000'000) << "in round " << round;
    EXPECT_TRUE(support::wait_until([&] { return moved > before; }));
  }
  done = true;
  writer.join();
}

TEST_F(SourceTest, TheMomentEndsWithTheLastPartOrTheNextPlan) {
  create_counts();
  exec("INSERT INTO counts VALUES ('2026-11-22', 1, 'a', 5)");
  const Partition day = day_partition("2026-11-22");
  const auto from = source({.settings = kFourParts});
  const auto splits = from->plan(day);
  ASSERT_TRUE(splits.ok());
  EXPECT_TRUE(support::wait_until([&] { return sessions() == "0"; })) << "a plan holds nothing";
  {
    const auto first = from->open(day, splits->at(0));
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(sessions(), "2") << "the part and the moment";
    exec("UPDATE counts SET clicks = 6");
    const auto second = from->open(day, splits->at(1));  // 1 % 4
    Read read;
    ASSERT_TRUE(
        read_into(*from, **second, *from->decoder(day, splits->at(1).id).value(), read).ok());
    EXPECT_EQ(read.rows, Lines{"1|a|5"}) << "as it was when the first was opened";
  }
  ASSERT_TRUE(from->plan(day).ok());
  EXPECT_TRUE(support::wait_until([&] { return sessions() == "0"; }));
  EXPECT_EQ(read_day(*from)->rows, Lines{"1|a|6"});
}

TEST_F(SourceTest, AnotherNumberOfPartsIsNotLoadedOnTopOfTheFirst) {
  create_counts();
  const Partition day = day_partition("2026-11-22");
  const auto whole = source();
  const auto parts = source({.settings = kFourParts});
  const Status refused = parts->decoder(day, "query").status();
  EXPECT_EQ(refused.code(), Code::invalid_config);
  EXPECT_NE(refused.message().find("twice"), std::string::npos);
  EXPECT_EQ(whole->decoder(day, "query part 1 of 4 by ad_id").status().code(),
            Code::invalid_config);
  EXPECT_TRUE(parts->decoder(day, "query part 4 of 4 by ad_id").ok());
  EXPECT_EQ(parts->open(day, whole->plan(day)->at(0)).status().code(), Code::not_found);
}

// ---- Servers that are down, die or hang

TEST_F(SourceTest, AServerThatIsDownIsUnavailableAndTheSourceIsNamed) {
  const auto made =
      PostgresSource::create(source_config(support::free_port(), database_, {}), host_.host());
  const Status status = made.value()->plan(day_partition("2026-11-22")).status();
  EXPECT_EQ(status.code(), Code::unavailable);
  EXPECT_NE(status.next().find("of the source"), std::string::npos) << status.next();
}

TEST_F(SourceTest, AStopEndsAQueryThatRuns) {
  create_counts();
  exec("INSERT INTO counts VALUES ('2026-11-22', 1, 'a', 5)");
  const auto from =
      source({.query = "SELECT ad_id, word, clicks FROM counts, pg_sleep(600) WHERE day = {date}"});
  const Partition day = day_partition("2026-11-22");
  const auto reader = from->open(day, from->plan(day)->at(0));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  std::thread stopper([&] {
    PGconn* const session = PQconnectdb(server_.conninfo(database_).c_str());
    EXPECT_TRUE(support::wait_until([&] {
      PGresult* const result =
          PQexec(session, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
      const bool sleeps = PQntuples(result) == 1;
      PQclear(result);
      return sleeps;
    }));
    PQfinish(session);
    host_.stop = true;
  });
  BatchBuilder builder(from->raw_schema().value());
  EXPECT_EQ(reader.value()->read(builder).status().code(), Code::cancelled);
  stopper.join();
}

TEST_F(SourceTest, AReaderThatIsGivenUpLeavesNothingRunning) {
  create_counts();
  exec("INSERT INTO counts SELECT '2026-11-22', i, 'w', 1 FROM generate_series(1, 1000) AS i");
  const auto from = source(  // the first page comes at once, the second never
      {.query = "SELECT ad_id, word, clicks FROM counts WHERE day = {date} AND"
                " (ad_id <= 500 OR pg_sleep(600) IS NOT NULL)"});
  const Partition day = day_partition("2026-11-22");
  auto reader = from->open(day, from->plan(day)->at(0)).value();
  BatchBuilder builder(from->raw_schema().value());
  ASSERT_EQ(reader->read(builder).value(), ReadState::more);
  EXPECT_EQ(sessions_in_a_transaction(), "1");
  reader.reset();
  EXPECT_TRUE(support::wait_until([&] { return sessions() == "0"; }));
}

TEST_F(SourceTest, ATimeLimitEndsAQueryThatHangs) {
  create_counts();
  exec("INSERT INTO counts VALUES ('2026-11-22', 1, 'a', 5)");
  const Status status =
      refusal({.query = "SELECT ad_id, word, clicks FROM counts, pg_sleep(600) WHERE day = {date}",
               .settings = {{"statement_timeout", "100ms"}}});
  EXPECT_EQ(status.code(), Code::timeout) << status.to_string();
}

TEST_F(SourceTest, ALoginWithoutRightsIsRefusedByName) {
  create_counts();
  exec("CREATE ROLE " + postgres::quote_name(login_) + " LOGIN");
  Status refused = refusal({.settings = {{"user", login_}}});
  EXPECT_EQ(refused.code(), Code::permission_denied) << refused.to_string();
  exec("GRANT SELECT ON counts TO " + postgres::quote_name(login_));
  refused = refusal({.settings = {{"user", login_}}});
  EXPECT_TRUE(refused.ok()) << "SELECT is enough: " << refused.to_string();
}

TEST(SourceCrashTest, AServerKilledWhileItIsReadIsUnavailableAndReadAgain) {
  PrivatePostgres server;
  TestHost host;
  server.exec(
      "CREATE TABLE counts AS SELECT date '2026-11-22' AS day, i::bigint AS ad_id,"
      " repeat('w', 1000) AS word, 1::bigint AS clicks FROM generate_series(1, 10000) AS i");
  const auto from =
      PostgresSource::create(source_config(server.port(), "postgres", {}), host.host()).value();
  const Partition day = day_partition("2026-11-22");
  const auto reader = from->open(day, from->plan(day)->at(0)).value();
  BatchBuilder builder(from->raw_schema().value());
  ASSERT_EQ(reader->read(builder).value(), ReadState::more);
  server.kill9();
  Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    status = reader->read(builder).status();
  }
  EXPECT_EQ(status.code(), Code::unavailable) << status.to_string();
  EXPECT_TRUE(is_retryable(status.code()));
  server.start();
  const auto read = read_day(*from);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->rows.size(), 10'000u);
}

}  // namespace
}  // namespace daymill::postgres
