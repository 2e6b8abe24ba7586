#include "schedule/cron_syntax.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

TEST(CronSyntax, AcceptsWhatCronAccepts) {
  for (const char* text : {"30 0 * * *", "*/10 * * * *", "0 1,13 * * *", "0 0 1-15/2 * mon-fri",
                           "0 0 * JAN,Jul 7", "  5   4 * * sun "})
    EXPECT_TRUE(check_cron(text).ok()) << text << ": " << check_cron(text).to_string();
}

TEST(CronSyntax, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(check_cron("60 0 * * *").message(), "the field for the minute is not understood");
  EXPECT_EQ(check_cron("0 24 * * *").message(), "the field for the hour is not understood");
  EXPECT_EQ(check_cron("0 0 0 * *").message(), "the field for the day of month is not understood");
  EXPECT_EQ(check_cron("0 0 * foo *").message(), "the field for the month is not understood");
  EXPECT_EQ(check_cron("0 0 * * 8").message(), "the field for the day of week is not understood");
  for (const char* text : {"5-1 0 * * *", "*/0 0 * * *", "1- 0 * * *", ", 0 * * *", "-1 0 * * *",
                           "1/2/3 0 * * *", "1.5 0 * * *", "+1 0 * * *"})
    EXPECT_EQ(check_cron(text).code(), Code::invalid_config) << text;
}

TEST(CronSyntax, WantsFiveFields) {
  EXPECT_EQ(check_cron("30 0 * *").message(), "a cron line has five fields, this one has 4");
  EXPECT_EQ(check_cron("").message(), "a cron line has five fields, this one has 0");
  EXPECT_EQ(check_cron("@daily").message(), "a cron line has five fields, this one has 1");
}

}  // namespace
}  // namespace daymill
