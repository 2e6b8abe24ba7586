#include <gtest/gtest.h>

#include "fixture.hpp"
#include "support/free_port.hpp"

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
