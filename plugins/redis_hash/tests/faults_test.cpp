#include <gtest/gtest.h>

#include "fixture.hpp"
#include "loading_redis.hpp"
#include "support/free_port.hpp"
#include "support/wait_until.hpp"

namespace daymill::redis_hash {
namespace {

class RedisFaults : public RedisTest {
 protected:
  void put_many(int fields) {
    std::vector<std::string> command = {"HSET", kClicks};
    for (int i = 0; i < fields; ++i) {
      command.push_back(std::to_string(i) + ":word");
      command.push_back("1");
    }
    redis.command(command);
  }
};

TEST_F(RedisFaults, NobodyListens) {
  redis.stop();
  const auto splits = source()->plan(day());
  EXPECT_CODE(unavailable, splits);
  EXPECT_NE(splits.status().where().find("redis 127.0.0.1:"), std::string::npos);
  EXPECT_NE(splits.status().next().find("redis-cli"), std::string::npos);
}

TEST_F(RedisFaults, TheHostIsUnknown) {
  const auto splits = source({{"host", "no-such-host.invalid"}})->plan(day());
  EXPECT_CODE(unavailable, splits);
  EXPECT_NE(splits.status().message().find("no-such-host.invalid"), std::string::npos);
}

TEST_F(RedisFaults, TheServerDoesNotAnswer) {
  redis.command({"CLIENT", "PAUSE", "5000", "ALL"});
  EXPECT_CODE(timeout, source({{"timeout_ms", "300"}})->plan(day()));
}

TEST_F(RedisFaults, StopsWhileItWaits) {
  StoppingEngine engine(1000);
  put_many(10);
  auto of = source({}, engine.host());
  auto reader = of->open(day(), clicks(*of)).value();
  ASSERT_TRUE(read_all(*reader).ok());
  redis.command({"CLIENT", "PAUSE", "5000", "ALL"});
  engine.stop_after(2);
  EXPECT_CODE(cancelled, reader->confirm(10));
}

TEST_F(RedisFaults, StopsBetweenPages) {
  StoppingEngine engine(1000);
  put_many(20000);
  auto of = source({{"scan_count", "50"}}, engine.host());
  auto reader = of->open(day(), clicks(*of)).value();
  engine.stop_after(20);
  EXPECT_CODE(cancelled, read_all(*reader));
}

TEST_F(RedisFaults, TheServerDiesInTheMiddleOfAScan) {
  put_many(20000);
  auto of = source({{"scan_count", "50"}});
  auto reader = of->open(day(), clicks(*of)).value();
  redis.kill9();
  const auto rows = read_all(*reader);
  EXPECT_CODE(unavailable, rows);
  EXPECT_NE(rows.status().where().find(kClicks), std::string::npos);
  EXPECT_CODE(internal, reader->confirm(20000));
}

TEST_F(RedisFaults, TheKeyBecomesAnotherTypeInTheMiddleOfAScan) {
  put_many(20000);
  auto of = source({{"scan_count", "50"}});
  auto reader = of->open(day(), clicks(*of)).value();
  BatchBuilder builder(Settings::raw_schema());
  redis.command({"SET", kClicks, "1"});
  const auto rows = read_all(*reader);
  EXPECT_CODE(invalid_data, rows);
}

TEST_F(RedisFaults, AReplicaIsRefused) {
  redis.command({"REPLICAOF", "127.0.0.1", std::to_string(support::free_port())});
  const auto splits = source()->plan(day());
  EXPECT_CODE(unavailable, splits);
  EXPECT_NE(splits.status().message().find("expected \"master\""), std::string::npos);
  EXPECT_CODE(unavailable, source()->check());
}

TEST_F(RedisFaults, AReplicaThatIsUpToDateIsRefusedToo) {
  put(kClicks, "1:a", "1");
  support::PrivateRedis replica;
  redis.command({"CONFIG", "SET", "repl-diskless-sync-delay", "0"});
  replica.command({"REPLICAOF", "127.0.0.1", std::to_string(redis.port())});
  ASSERT_TRUE(support::wait_until([&] { return replica.command({"EXISTS", kClicks}) == "1"; }));
  auto of = source({{"port", std::to_string(replica.port())}});
  for (const Status& status : {of->plan(day()).status(), of->inventory().status(),
                               of->check().status(), of->open(day(), clicks(*source())).status()}) {
    EXPECT_CODE(unavailable, status);
    EXPECT_NE(status.message().find("the server's role is \"replica\", expected \"master\""),
              std::string::npos)
        << status.to_string();
    EXPECT_NE(status.where().find("redis 127.0.0.1:" + std::to_string(replica.port())),
              std::string::npos);
    EXPECT_EQ(status.next(), "point host and port at the master");
  }
}

TEST_F(RedisFaults, AMasterThatBecomesAReplicaRemovesNothing) {
  put(kClicks, "1:a", "1");
  auto of = source();
  const Split split = clicks(*of);
  const auto proven = read_clicks(*of);
  const auto decided = read_clicks(*of);
  redis.command({"SET", "daymill:ad_ctr:sink", "postgres:7/ads/public.t"});
  redis.command({"REPLICAOF", "127.0.0.1", std::to_string(support::free_port())});
  EXPECT_CODE(unavailable, of->remove(day(), split, proof(proven.get())));
  for (const RemovalKind kind : {RemovalKind::discard, RemovalKind::record_only}) {
    EXPECT_CODE(unavailable, of->remove(day(), split, decision(kind, decided.get(), 1)));
  }
  redis.command({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(redis.command({"EXISTS", kClicks}), "1");
  EXPECT_EQ(redis.command({"GET", kClicksRecord}), std::nullopt);
}

// HELLO is answered while the data set is loaded, so it is the first look at a key that fails.
TEST_F(RedisFaults, AServerThatLoadsItsDataIsUnavailable) {
  put_many(10);
  std::vector<std::string> fillers = {"MSET"};
  for (int i = 0; i < 20000; ++i) {
    fillers.push_back("filler:" + std::to_string(i));
    fillers.emplace_back("x");
  }
  redis.command(fillers);
  redis.command({"SAVE"});
  redis.stop();
  const LoadingRedis loading(redis.folder());
  auto of = source({{"port", std::to_string(loading.port())}});
  for (const Status& status : {of->plan(day()).status(), of->inventory().status()}) {
    EXPECT_CODE(unavailable, status);
    EXPECT_NE(status.message().find("Redis is loading the dataset"), std::string::npos)
        << status.to_string();
    EXPECT_NE(status.next().find("loading:0"), std::string::npos) << status.next();
  }
  loading.finish();
  EXPECT_EQ(clicks(*of).estimated_rows, 10);
}

TEST_F(RedisFaults, TheDatabaseDoesNotExist) {
  EXPECT_CODE(invalid_config, source({{"database", "999"}})->plan(day()));
}

TEST_F(RedisFaults, ReadsTheDatabaseItWasGiven) {
  put(kClicks, "1:a", "1");
  EXPECT_FALSE(clicks(*source({{"database", "3"}})).present);
  EXPECT_TRUE(clicks(*source({{"database", "0"}})).present);
}

}  // namespace
}  // namespace daymill::redis_hash
