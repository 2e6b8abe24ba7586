#include "decimal.hpp"

#include <gtest/gtest.h>

#include <string>

namespace daymill::redis_hash {
namespace {

/// With and without bytes behind the text that may be looked at.
void expect_number(const std::string& text, std::size_t digits, std::int64_t expected) {
  for (const std::string& behind :
       {std::string(), std::string("77777777"), std::string("\xff:x")}) {
    const std::string all = text + behind;
    std::int64_t number = 0;
    EXPECT_EQ(leading_number(std::string_view(all).substr(0, text.size()), all.data() + all.size(),
                             number),
              digits)
        << text << " before " << behind;
    if (digits != 0) {
      EXPECT_EQ(number, expected) << text << " before " << behind;
    }
  }
}

TEST(DecimalTest, EveryLengthOfANumber) {
  std::string text;
  std::int64_t number = 0;
  for (std::size_t digits = 1; digits <= 18; ++digits) {
    const int digit = static_cast<int>(digits % 9) + 1;
    text += static_cast<char>('0' + digit);
    number = number * 10 + digit;
    expect_number(text, digits, number);
    for (const char* behind : {":", "/word", "\x80"}) {
      // Of 18 digits one does not know whether more follow.
      expect_number(text + behind, digits == 18 ? 0 : digits, number);
    }
  }
}

TEST(DecimalTest, Bounds) {
  expect_number("0", 1, 0);
  expect_number("0:shoes", 1, 0);
  expect_number("9", 1, 9);
  expect_number("99999999", 8, 99999999);
  expect_number("100000000", 9, 100000000);
  expect_number("999999999999999999", 18, 999999999999999999);
}

TEST(DecimalTest, NoCanonicalNumberOrALongerOne) {
  for (const char* text : {"", "x", ":1", "-1", "+1", " 1", "00", "01", "007:x", "0000000000",
                           "1234567890123456789", "1234567890123456789:x", "\xff",
                           "\xff\xff\xff"
                           "12345678"}) {
    expect_number(text, 0, 0);
  }
}

TEST(DecimalTest, EveryByteBehindADigit) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool digit = byte >= '0' && byte <= '9';
    expect_number(std::string("4") + static_cast<char>(byte), digit ? 2 : 1,
                  digit ? 40 + (byte - '0') : 4);
  }
}

TEST(DecimalTest, TakesTheSeparatorToo) {
  const std::string field = "120:red shoes";
  const char* const end = field.data() + field.size();
  std::string_view rest = field;
  std::int64_t number = 0;
  ASSERT_TRUE(take_number(rest, ":", end, number));
  EXPECT_EQ(number, 120);
  EXPECT_EQ(rest, "red shoes");
  EXPECT_FALSE(take_number(rest, ":", end, number));
  EXPECT_EQ(rest, "red shoes");
}

TEST(DecimalTest, LeavesWhatHasAnotherSeparator) {
  for (const char* field : {"120", "120;", "12x0:"}) {
    std::string_view rest = field;
    std::int64_t number = 0;
    EXPECT_FALSE(take_number(rest, ":", rest.data() + rest.size(), number));
    EXPECT_EQ(rest, field);
  }
  std::string_view rest = "1::x";
  std::int64_t number = 0;
  EXPECT_FALSE(take_number(rest, "::", rest.data() + rest.size(), number));
}

}  // namespace
}  // namespace daymill::redis_hash
