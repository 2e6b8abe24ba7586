#include "run/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace daymill {
namespace {

TEST(BoundedQueue, GivesElementsInOrder) {
  BoundedQueue<int> queue(100);
  EXPECT_TRUE(queue.push(1, 10));
  EXPECT_TRUE(queue.push(2, 10));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
}

TEST(BoundedQueue, ElementLargerThanTheQueueFitsAlone) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.push(1, 1'000'000));
  EXPECT_EQ(queue.pop(), 1);
}

TEST(BoundedQueue, CloseLetsWhatIsInItBeTakenAndDropsTheRest) {
  BoundedQueue<std::unique_ptr<int>> queue(10);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1), 1));
  queue.close();
  EXPECT_FALSE(queue.push(std::make_unique<int>(2), 1));
  EXPECT_EQ(**queue.pop(), 1);
  EXPECT_FALSE(queue.pop().has_value());
}

TEST(BoundedQueue, CloseWakesWhoeverWaits) {
  BoundedQueue<int> full(1);
  ASSERT_TRUE(full.push(1, 1));
  std::atomic<bool> pushed = true;
  std::jthread producer([&] { pushed = full.push(2, 1); });
  BoundedQueue<int> empty(1);
  std::atomic<bool> popped = true;
  std::jthread consumer([&] { popped = empty.pop().has_value(); });
  full.close();
  empty.close();
  producer.join();
  consumer.join();
  EXPECT_FALSE(pushed);
  EXPECT_FALSE(popped);
}

TEST(BoundedQueue, HoldsNoMoreThanItsBytesAndLosesNothingBetweenThreads) {
  constexpr std::size_t kMaxBytes = 64;
  constexpr std::size_t kBytes = 16;
  constexpr int kElements = 20'000;
  BoundedQueue<int> queue(kMaxBytes);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::jthread producer([&] {
    for (int i = 1; i <= kElements; ++i) {
      ASSERT_TRUE(queue.push(i, kBytes));
      const int now = ++inside;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
    }
    queue.close();
  });
  std::int64_t sum = 0;
  int last = 0;
  while (const auto element = queue.pop()) {
    --inside;
    EXPECT_EQ(*element, last + 1);
    last = *element;
    sum += *element;
  }
  producer.join();
  EXPECT_EQ(sum, std::int64_t{kElements} * (kElements + 1) / 2);
  // One more may have been taken and not yet been counted as gone.
  EXPECT_LE(most, static_cast<int>(kMaxBytes / kBytes) + 1);
}

}  // namespace
}  // namespace daymill
