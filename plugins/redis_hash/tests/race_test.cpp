#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <atomic>
#include <memory>
#include <thread>

#include "fixture.hpp"

namespace daymill::redis_hash {
namespace {

class RedisRace : public RedisTest {};

/// One increment for each time it is asked, as soon as it can, on a connection of its own.
class Counter {
 public:
  explicit Counter(int port)
      : connection_(redisConnect("127.0.0.1", port), &redisFree), thread_([this] { run(); }) {}
  ~Counter() {
    stop_ = true;
    thread_.join();
  }
  void ask() { ++asked_; }
  [[nodiscard]] int acknowledged() const { return acknowledged_; }

 private:
  void run() {
    while (!stop_) {
      if (acknowledged_ == asked_) {
        std::this_thread::yield();
        continue;
      }
      const std::unique_ptr<void, decltype(&freeReplyObject)> reply(
          redisCommand(connection_.get(), "HINCRBY %s %d:word 1", kClicks, acknowledged_ % 7),
          &freeReplyObject);
      acknowledged_ = acknowledged_ + 1;
    }
  }

  std::unique_ptr<redisContext, decltype(&redisFree)> connection_;
  std::atomic<int> asked_{0};
  std::atomic<int> acknowledged_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

int sum_of(const Rows& rows) {
  int sum = 0;
  for (const auto& row : rows) {
    sum += std::stoi(row.second);
  }
  return sum;
}

// Every increment races with a read and a removal: it is either in what was read and removed, or
// still there.
TEST_F(RedisRace, NoIncrementIsLostOrCountedTwice) {
  constexpr int kRounds = 400;
  Counter counter(redis.port());
  auto of = source();
  int removed = 0;
  int sum = 0;
  for (int round = 1; round <= kRounds; ++round) {
    counter.ask();
    const Split split = clicks(*of);
    auto reader = of->open(day(), split);
    ASSERT_TRUE(reader.ok()) << reader.status().to_string();
    const auto rows = read_all(*reader.value());
    ASSERT_TRUE(rows.ok()) << rows.status().to_string();
    ASSERT_TRUE(reader.value()->confirm(static_cast<std::int64_t>(rows->size())).ok());
    const auto removal = of->remove(day(), split, proof(reader.value().get(), split.removals + 1));
    ASSERT_TRUE(removal.ok()) << removal.status().to_string();
    if (*removal == Removal::removed) {
      ++removed;
      sum += sum_of(*rows);
    }
    while (counter.acknowledged() < round) {
      std::this_thread::yield();
    }
  }
  int left = 0;
  for (const std::string& value : redis.list({"HVALS", kClicks})) {
    left += std::stoi(value);
  }
  EXPECT_EQ(sum + left, kRounds);
  EXPECT_EQ(clicks(*of).removals, removed);
  EXPECT_GT(removed, 0);
}

}  // namespace
}  // namespace daymill::redis_hash
