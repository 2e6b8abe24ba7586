#include <gtest/gtest.h>

#include "field_pattern.hpp"
#include "fixture.hpp"
#include "removal_record.hpp"
#include "server_error.hpp"

namespace daymill::redis_hash {
namespace {

TEST(FieldPattern, TakesColumnsAndSeparators) {
  const auto pattern = FieldPattern::parse("{ad_id:int64}:{site:text}::{search_word:text}");
  ASSERT_TRUE(pattern.ok()) << pattern.status().to_string();
  ASSERT_EQ(pattern->columns.size(), 3u);
  EXPECT_EQ(pattern->columns[0].name, "ad_id");
  EXPECT_EQ(pattern->columns[0].type, Type::int64);
  EXPECT_EQ(pattern->columns[0].separator, ":");
  EXPECT_EQ(pattern->columns[1].separator, "::");
  EXPECT_EQ(pattern->columns[2].type, Type::text);
}

TEST(FieldPattern, RefusesWhatCannotBeSplit) {
  for (const char* text : {"", "ad", "{ad_id}", "{ad_id:int64", "{ad_id:int64}{word:text}",
                           "{ad_id:int64}:", ":{ad_id:int64}", "{ad_id:float64}", "{:text}",
                           "{1a:text}", "{a b:text}", "{a:int64}:{a:text}"}) {
    const auto pattern = FieldPattern::parse(text);
    EXPECT_CODE(invalid_config, pattern) << text;
    EXPECT_NE(pattern.status().message().find("expected"), std::string::npos) << text;
  }
}

TEST(KeyTemplate, GoesFromDayToKeyAndBack) {
  const auto key = KeyTemplate::parse("a*[{date:%Y%m%d}]{date}%");
  ASSERT_TRUE(key.ok());
  const std::int32_t when = day().day;
  EXPECT_EQ(key->expand(when), "a*[20261122]2026-11-22%");
  EXPECT_EQ(key->day_of("a*[20261122]2026-11-22%"), when);
  EXPECT_EQ(key->day_of("a*[20261122]2026-11-23%"), std::nullopt) << "the two dates differ";
  EXPECT_EQ(key->day_of("a*[20260230]2026-02-30%"), std::nullopt) << "no such day";
  EXPECT_EQ(key->day_of("a*[20261122]2026-11-22%x"), std::nullopt);
  EXPECT_EQ(key->day_of("a*[2026"), std::nullopt);
  EXPECT_EQ(key->glob().substr(0, 11), "a\\*\\[[0-9][");
}

TEST(KeyTemplate, MayBeOfARangeOfNumbers) {
  const auto keys = KeyTemplate::parse_all("c:{date:%Y%m%d}:{8..11}:x");
  ASSERT_TRUE(keys.ok()) << keys.status().to_string();
  ASSERT_EQ(keys->size(), 4u);
  const std::int32_t when = parse_date("2026-11-22").value();
  EXPECT_EQ(keys->front().expand(when), "c:20261122:8:x");
  EXPECT_EQ(keys->back().expand(when), "c:20261122:11:x");
  EXPECT_EQ(keys->back().day_of("c:20261122:11:x"), when);
  EXPECT_EQ(keys->back().day_of("c:20261122:8:x"), std::nullopt);
  for (const KeyTemplate& key : *keys) {
    EXPECT_EQ(key.glob(), "c:[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]:*:x");
  }
  EXPECT_EQ(KeyTemplate::parse_all("c:{date}")->size(), 1u);
  for (const char* wrong : {"c:{date}:{3..1}", "c:{date}:{0..1024}", "c:{0..1}{date}{0..1}",
                            "c:{date}:{0-31}", "c:{date}:{0...31}"}) {
    EXPECT_CODE(invalid_config, KeyTemplate::parse_all(wrong)) << wrong;
  }
}

TEST(KeyTemplate, SaysHowARangeIsWritten) {
  for (const char* wrong : {"c:{date}:{0-31}", "c:{date}:{0...31}", "c:{date}:{0..31",
                            "c:{0..31:{date}", "c:{date}:{0 .. 31}"}) {
    const Status status = KeyTemplate::parse_all(wrong).status();
    EXPECT_EQ(status.code(), Code::invalid_config) << wrong;
    EXPECT_NE(status.message().find("expected a range as {0..31}"), std::string::npos)
        << status.message();
  }
  for (const char* tag : {"{1:2:x}:{date}", "{ad1}:{date}", "{12}:{date}"}) {
    EXPECT_TRUE(KeyTemplate::parse_all(tag).ok()) << tag;
  }
}

TEST(KeyTemplate, RefusesMalformedPlaceholders) {
  EXPECT_CODE(invalid_config, KeyTemplate::parse("a{date:%H}"));
  EXPECT_CODE(invalid_config, KeyTemplate::parse("a{date:%Y"));
}

TEST(RecordKey, LiesInTheSlotOfItsKey) {
  EXPECT_EQ(record_key("clicks:20261122").value(), "{clicks:20261122}:daymill");
  EXPECT_EQ(record_key("{ad}:20261122").value(), "{ad}:20261122:daymill");
  for (const char* key : {"a{", "a}", "a{}b", "}a{b}", "a{b"}) {
    EXPECT_CODE(invalid_config, record_key(key)) << key;
  }
}

TEST(RemovalRecord, ReadsBackWhatItWrites) {
  const auto text = record_text(3, "ad_ctr", "abc");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(parse_record("r", text.value()), (RemovalRecord{3, "ad_ctr", "abc", ""}));
  EXPECT_EQ(parse_record("r", std::nullopt), RemovalRecord{});
}

TEST(RemovalRecord, NeverGuesses) {
  for (const char* content : {"", "3", "3 ad_ctr", "0 ad_ctr f", "-1 ad_ctr f", "03 ad_ctr f",
                              "x ad_ctr f", "3  f", "3 ad_ctr ", "3 ad_ctr f g", "3 ad_ctr f\n"}) {
    const RemovalRecord record = parse_record("r", content);
    EXPECT_FALSE(record.problem.empty()) << content;
    EXPECT_EQ(record.generation, 0) << content;
  }
  EXPECT_CODE(invalid_argument, record_text(0, "p", "f"));
  EXPECT_CODE(invalid_argument, record_text(1, "a b", "f"));
  EXPECT_CODE(invalid_argument, record_text(1, "p", ""));
}

TEST(Settings, GiveTheSchemaBeforeAnyConnection) {
  auto source = RedisHash::create(config_with({{"port", "1"}}), Host());
  ASSERT_TRUE(source.ok()) << source.status().to_string();
  const Schema expected{{{"ad_id", Type::int64, Role::key, false},
                         {"search_word", Type::text, Role::key, false},
                         {"clicks", Type::int64, Role::measure, true},
                         {"impressions", Type::int64, Role::measure, true}}};
  EXPECT_EQ(source.value()->schema().value(), expected);
}

TEST(Settings, RefuseKeysThatMeet) {
  const std::vector<std::vector<std::pair<std::string, std::string>>> wrong = {
      {},
      {{"clicks", "clicklog_keys"}},
      {{"clicks", "c:{date:%Y%m}"}},
      {{"clicks", "c:{date:%m%d}"}},
      {{"clicks", "c:{date:%Y%m%d"}},
      {{"clicks", "c}:{date:%Y%m%d}"}},
      {{"clicks", "c:{date}"}, {"impressions", "c:{date:%Y-%m-%d}"}},
      {{"clicks", "c:{date}:{0..5}"}, {"impressions", "c:{date}:{5..9}"}},
      {{"clicks", "c:{0..5}"}},
      {{"clicks", "c:{date:%Y%m%d}"}, {"impressions", "c:{date:%Y%d%m}"}},
      {{"clicks", "a:{date}"}, {"clicks", "b:{date}"}},
      {{"ad_id", "a:{date}"}},
      {{"", "a:{date}"}}};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_CODE(invalid_config, RedisHash::create(config_with({}, wrong[i]), Host())) << i;
  }
  EXPECT_CODE(invalid_config, RedisHash::create(config_with({{"remove", "now"}}), Host()));
  EXPECT_CODE(invalid_config, RedisHash::create(config_with({{"field", "{a:text"}}), Host()));
}

TEST(ServerError, NamesWhoseFaultItIs) {
  EXPECT_CODE(unauthenticated, server_error("NOAUTH Authentication required."));
  EXPECT_CODE(permission_denied, server_error("NOPERM this user has no permissions"));
  EXPECT_CODE(unavailable, server_error("LOADING Redis is loading the dataset in memory"));
  EXPECT_CODE(unavailable, server_error("MASTERDOWN Link with MASTER is down"));
  EXPECT_CODE(unavailable, server_error("BUSY Redis is busy running a script"));
  EXPECT_CODE(unavailable, server_error("READONLY You can't write against a read only replica."));
  EXPECT_CODE(resource_exhausted, server_error("OOM command not allowed"));
  EXPECT_CODE(invalid_data, server_error("WRONGTYPE Operation against a key"));
  EXPECT_CODE(unsupported, server_error("MOVED 3999 127.0.0.1:6381"));
  EXPECT_CODE(internal, server_error("ERR something new"));
}

TEST(ServerError, AnswersToAuthAreNotRepeated) {
  const Status status = authentication_error(
      "ERR unknown command `AUTH`, with args beginning with: `etl`, `s3cret`, ");
  EXPECT_EQ(status.to_string().find("s3cret"), std::string::npos);
  EXPECT_CODE(unauthenticated, authentication_error("WRONGPASS invalid username-password pair"));
}

}  // namespace
}  // namespace daymill::redis_hash
