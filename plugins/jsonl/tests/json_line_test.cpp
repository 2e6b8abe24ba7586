#include "json_line.hpp"

#include <string>

#include <gtest/gtest.h>

namespace daymill::jsonl {
namespace {

Schema columns() {
  return Schema{{{"ad_id", Type::int64, Role::key, false},
                 {"word", Type::text, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true}}};
}

std::string key_of(const char* line) {
  JsonLine parsed(columns());
  return parsed.parse(line) ? parsed.canonical_key() : "refused: " + parsed.reason();
}

TEST(JsonLine, GivesOneTextForEqualKeys) {
  const std::string key = key_of(R"({"ad_id":7,"word":"é\n","clicks":1})");
  EXPECT_EQ(key, "[7,\"\xC3\xA9\\u000a\"]");
  EXPECT_EQ(key_of(R"({"word": "\u00e9\u000A", "x": [], "ad_id": 7})"), key);
}

TEST(JsonLine, KeepsKeysApart) {
  EXPECT_NE(key_of(R"({"ad_id":1,"word":"1,\"2"})"), key_of(R"({"ad_id":1,"word":"1\",2"})"));
}

TEST(JsonLine, GivesNoKeyWhereOneIsMissingOrWrong) {
  EXPECT_EQ(key_of(R"({"ad_id":7})"), "");
  EXPECT_EQ(key_of(R"({"ad_id":7.0,"word":"x"})"), "");
  EXPECT_EQ(key_of(R"({"ad_id":"7","word":"x"})"), "");
  EXPECT_EQ(key_of(R"({"ad_id":null,"word":"x"})"), "");
}

TEST(JsonLine, AcceptsDeepNesting) {
  const std::string deep(20000, '[');
  EXPECT_EQ(
      key_of((R"({"ad_id":7,"word":"x","more":)" + deep + std::string(20000, ']') + "}").c_str()),
      "[7,\"x\"]");
}

TEST(JsonLine, ForgetsTheLineBefore) {
  JsonLine parsed(columns());
  ASSERT_TRUE(parsed.parse(R"({"ad_id":7,"word":"x","clicks":3})"));
  ASSERT_FALSE(parsed.parse("{"));
  EXPECT_EQ(parsed.reason(), "json.malformed");
  ASSERT_TRUE(parsed.parse(R"({"ad_id":8,"word":"y"})"));
  EXPECT_TRUE(parsed.reason().empty());
  EXPECT_EQ(parsed.value(2).kind, JsonValue::Kind::absent);
}

}  // namespace
}  // namespace daymill::jsonl
