#include "schedule/duration.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("500ms").value(), 500ms);
  EXPECT_EQ(parse_duration("30s").value(), 30s);
  EXPECT_EQ(parse_duration("15m").value(), 15min);
  EXPECT_EQ(parse_duration("2h").value(), 2h);
  EXPECT_EQ(parse_duration("7d").value(), 168h);
  EXPECT_EQ(parse_duration("0m").value(), 0ms);
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"", "15", "m", "15 m", "-5m", "-0m", "+5m", "1.5h", "1h30m", "15M",
                           "15min", "99999999999999999999s", "10001d", "0x5m"})
    EXPECT_EQ(parse_duration(text).status().code(), Code::invalid_config) << text;
}

TEST(Duration, IsShownInTwoUnits) {
  EXPECT_EQ(duration_text(0s), "0s");
  EXPECT_EQ(duration_text(45s), "45s");
  EXPECT_EQ(duration_text(192min), "3h 12m");
  EXPECT_EQ(duration_text(24h), "1d");
  EXPECT_EQ(duration_text(25h + 59s), "1d 1h");
  EXPECT_EQ(duration_text(24h + 5min), "1d");
}

}  // namespace
}  // namespace daymill
