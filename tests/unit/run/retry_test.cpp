#include "run/retry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace daymill {
namespace {

using std::chrono::milliseconds;

RetryDefinition definition() {
  return {.attempts = 5, .backoff_min = milliseconds(100), .backoff_max = milliseconds(1000)};
}

TEST(Backoff, AllowsAsManyAttemptsAsThePipelineSays) {
  const Backoff backoff(definition());
  EXPECT_TRUE(backoff.may_retry(1));
  EXPECT_TRUE(backoff.may_retry(4));
  EXPECT_FALSE(backoff.may_retry(5));
  EXPECT_FALSE(Backoff({.attempts = 1}).may_retry(1));
}

TEST(Backoff, DelaysStayWithinTheirBoundsAndSpreadOverThem) {
  Backoff backoff(definition(), 1);
  const milliseconds highest[] = {milliseconds(200), milliseconds(400), milliseconds(800),
                                  milliseconds(1000), milliseconds(1000)};
  for (std::int64_t attempt = 1; attempt <= 5; ++attempt) {
    const milliseconds limit = highest[attempt - 1];
    milliseconds least = limit, most{0};
    for (int i = 0; i < 1000; ++i) {
      const milliseconds delay = backoff.delay(attempt);
      ASSERT_GE(delay, milliseconds(100));
      ASSERT_LE(delay, limit);
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    EXPECT_LT(least - milliseconds(100), (limit - milliseconds(100)) / 10);
    EXPECT_GT(most, limit - (limit - milliseconds(100)) / 10);
  }
}

TEST(Backoff, TwoRunnersDoNotKeepInStep) {
  std::set<std::int64_t> first_delays;
  for (int i = 0; i < 50; ++i)
    first_delays.insert(Backoff(definition()).delay(4).count());
  EXPECT_GT(first_delays.size(), 10u);
}

TEST(Backoff, ExtremesAreHarmless) {
  Backoff none({.attempts = 100, .backoff_min = milliseconds(0), .backoff_max = milliseconds(0)});
  EXPECT_EQ(none.delay(99), milliseconds(0));
  Backoff turned({.attempts = 5, .backoff_min = milliseconds(50), .backoff_max = milliseconds(5)});
  EXPECT_EQ(turned.delay(3), milliseconds(50));
  Backoff long_one({.attempts = 100,
                    .backoff_min = milliseconds(1),
                    .backoff_max = std::chrono::hours(24 * 365)});
  EXPECT_LE(long_one.delay(1'000'000), std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace daymill
