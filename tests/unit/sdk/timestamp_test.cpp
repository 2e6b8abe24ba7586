#include <cstdint>

#include <gtest/gtest.h>

#include <daymill/value.hpp>

namespace daymill {
namespace {

TEST(Timestamp, ReadsAndWritesOneText) {
  const struct {
    std::int64_t microseconds;
    const char* text;
  } cases[] = {{0, "1970-01-01T00:00:00Z"},
               {1, "1970-01-01T00:00:00.000001Z"},
               {-1, "1969-12-31T23:59:59.999999Z"},
               {-86400000000, "1969-12-31T00:00:00Z"},
               {1795274645250000, "2026-11-21T15:24:05.25Z"},
               {253402300799999999, "9999-12-31T23:59:59.999999Z"},
               {-62135596800000000, "0001-01-01T00:00:00Z"}};
  for (const auto& [microseconds, text] : cases) {
    EXPECT_EQ(timestamp_text(microseconds), text);
    EXPECT_EQ(parse_timestamp(text), microseconds) << text;
  }
}

TEST(Timestamp, RefusesWhatIsNotCanonical) {
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T15:04:05", "2026-11-22 15:04:05Z", "2026-11-22T15:04Z",
        "2026-11-22T15:04:05+09:00", "2026-11-22T24:00:00Z", "2026-11-22T15:60:00Z",
        "2026-11-22T15:04:60Z", "2026-02-30T00:00:00Z", "2026-11-22T15:04:05.Z",
        "2026-11-22T15:04:05.10Z", "2026-11-22T15:04:05.1234567Z", "2026-11-22T15:04:05.1x3Z",
        "2026-11-22T-1:04:05Z", "2026-11-22T15:04:05ZZ", "2026-11-22t15:04:05z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

}  // namespace
}  // namespace daymill
