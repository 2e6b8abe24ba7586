#include "support/private_redis.hpp"

#include <gtest/gtest.h>

namespace daymill::support {
namespace {

TEST(PrivateRedis, Answers) {
  PrivateRedis redis;
  EXPECT_EQ(redis.command({"HINCRBY", "clicklog_keys:20261122", "1:靴", "2"}), "2");
  EXPECT_EQ(redis.command({"HGET", "clicklog_keys:20261122", "1:靴"}), "2");
  EXPECT_EQ(redis.command({"GET", "absent"}), std::nullopt);
  EXPECT_EQ(redis.list({"HGETALL", "clicklog_keys:20261122"}),
            (std::vector<std::string>{"1:靴", "2"}));
  EXPECT_THROW(redis.command({"HGETALL", "clicklog_keys:20261122"}), std::runtime_error);
  EXPECT_THROW(redis.command({"INCR", "clicklog_keys:20261122"}), std::runtime_error);
}

TEST(PrivateRedis, TwoOfThemDoNotMeet) {
  PrivateRedis first, second;
  EXPECT_NE(first.port(), second.port());
  first.command({"SET", "key", "1"});
  EXPECT_EQ(second.command({"DBSIZE"}), "0");
}

TEST(PrivateRedis, ComesBackEmptyAfterKill9UnlessItPersists) {
  PrivateRedis redis;
  redis.command({"SET", "key", "1"});
  const int port = redis.port();
  redis.kill9();
  EXPECT_THROW(redis.command({"PING"}), std::runtime_error);
  redis.start();
  EXPECT_EQ(redis.port(), port);
  EXPECT_EQ(redis.command({"DBSIZE"}), "0");
}

TEST(PrivateRedis, KeepsWhatItPersistsThroughKill9AndRestart) {
  PrivateRedis redis({"appendonly yes", "appendfsync always"});
  redis.command({"SET", "key", "1"});
  redis.kill9();
  redis.start();
  EXPECT_EQ(redis.command({"GET", "key"}), "1");
  redis.restart();
  EXPECT_EQ(redis.command({"GET", "key"}), "1");
}

TEST(PrivateRedis, TakesConfiguration) {
  PrivateRedis redis({"requirepass s3cret", "maxmemory 64mb"});
  EXPECT_EQ(redis.list({"CONFIG", "GET", "maxmemory"}).at(1), "67108864");
  EXPECT_EQ(redis.list({"CONFIG", "GET", "requirepass"}).at(1), "s3cret");
}

TEST(PrivateRedis, WrongConfigurationIsAnErrorWithItsLog) {
  EXPECT_THROW(PrivateRedis({"no-such-setting 1"}), std::runtime_error);
}

}  // namespace
}  // namespace daymill::support
