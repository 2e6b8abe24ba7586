#include "decoder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "fixture.hpp"

namespace daymill::redis_hash {
namespace {

struct Decoded {
  struct Row {
    std::int64_t ad_id;
    std::string search_word;
    std::optional<std::int64_t> clicks;
    std::optional<std::int64_t> impressions;
    friend bool operator==(const Row&, const Row&) = default;
  };
  struct Reject {
    std::int64_t row;
    std::string reason;
    std::int32_t measure;
    std::int64_t amount;
    friend bool operator==(const Reject&, const Reject&) = default;
  };
  std::vector<Row> rows;
  std::vector<Reject> rejects;
  std::vector<std::string> messages;
};

std::optional<std::int64_t> number(const Column& column, std::int64_t row) {
  return column.is_null(row) ? std::nullopt : std::optional(column.int64s()[row]);
}

class Collector final : public Emitter {
 public:
  explicit Collector(Decoded& into) : into_(into) {}
  Status emit(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      into_.rows.push_back({batch.column(0).int64s()[row],
                            std::string(batch.column(1).bytes_at(row)),
                            number(batch.column(2), row), number(batch.column(3), row)});
    }
    return {};
  }
  Status reject(const Rejection& rejection) override {
    into_.rejects.push_back(
        {rejection.row, std::string(rejection.reason), rejection.measure, rejection.amount});
    into_.messages.emplace_back(rejection.message);
    return {};
  }

 private:
  Decoded& into_;
};

Decoded decode(const Rows& raw, const char* split = kClicks) {
  Decoded decoded;
  auto source = RedisHash::create(config_with({}), Host()).value();
  auto lane = source->decoder(day(), split);
  EXPECT_TRUE(lane.ok()) << lane.status().to_string();
  BatchBuilder builder(Settings::raw_schema());
  for (const auto& [field, value] : raw) {
    builder.column(0).append_bytes(field);
    builder.column(1).append_bytes(value);
    builder.end_row();
  }
  Collector collector(decoded);
  EXPECT_TRUE(lane.value()->process(builder.finish(), collector).ok());
  EXPECT_TRUE(lane.value()->finish(collector).ok());
  return decoded;
}

TEST(Decoder, TakesEverySearchWord) {
  const std::string longest(kMaxTextBytes, 'w');
  const Decoded decoded = decode({{"1:shoes", "5"},
                                  {"1:", "0"},
                                  {"2:a:b: c", "7"},
                                  {"3:靴 👟", "9223372036854775807"},
                                  {"-4:тест", "1"},
                                  {"9223372036854775807:" + longest, "2"}});
  EXPECT_TRUE(decoded.rejects.empty());
  const auto none = std::optional<std::int64_t>();
  EXPECT_EQ(decoded.rows, (std::vector<Decoded::Row>{
                              {1, "shoes", 5, none},
                              {1, "", 0, none},
                              {2, "a:b: c", 7, none},
                              {3, "靴 👟", std::numeric_limits<std::int64_t>::max(), none},
                              {-4, "тест", 1, none},
                              {std::numeric_limits<std::int64_t>::max(), longest, 2, none}}));
}

TEST(Decoder, FillsTheMeasureOfItsSplit) {
  const Decoded decoded = decode({{"1:a", "5"}}, kImpressions);
  EXPECT_EQ(decoded.rows, (std::vector<Decoded::Row>{{1, "a", std::nullopt, 5}}));
  const Decoded rejected = decode({{"a", "5"}}, kImpressions);
  EXPECT_EQ(rejected.rejects, (std::vector<Decoded::Reject>{{0, "field.no_separator", 3, 5}}));
}

TEST(Decoder, RejectsFieldsAndKeepsTheirAmount) {
  using namespace std::string_literals;
  const Rows raw = {{"noseparator", "1"},
                    {":word", "2"},
                    {"x:word", "3"},
                    {"+1:word", "4"},
                    {"01:word", "5"},
                    {"1.5:word", "6"},
                    {" 1:word", "7"},
                    {"9223372036854775808:w", "8"},
                    {"1:nul\0here and there"s, "9"},
                    {"1:\xff\xfe", "10"},
                    {"1:\xed\xa0\x80", "11"},
                    {"1:" + std::string(4096, 'w'), "12"},
                    {"1:" + std::string(kMaxTextBytes + 1, 'w'), "13"},
                    {"", "14"},
                    {"1:good", "15"},
                    {"1:\0"s, "16"}};
  const std::vector<std::string> reasons = {
      "field.no_separator", "field.empty",       "field.not_integer", "field.not_integer",
      "field.not_integer",  "field.not_integer", "field.not_integer", "field.not_integer",
      "field.nul",          "field.not_utf8",    "field.not_utf8",    "field.too_long",
      "field.too_long",     "field.no_separator"};
  const Decoded decoded = decode(raw);
  ASSERT_EQ(decoded.rejects.size(), 15u);
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    EXPECT_EQ(decoded.rejects[i], (Decoded::Reject{static_cast<std::int64_t>(i), reasons[i], 2,
                                                   static_cast<std::int64_t>(i) + 1}));
    EXPECT_NE(decoded.messages[i].find("expected"), std::string::npos);
  }
  EXPECT_EQ(decoded.rejects[14], (Decoded::Reject{15, "field.nul", 2, 16}));
  EXPECT_EQ(decoded.rows, (std::vector<Decoded::Row>{{1, "good", 15, std::nullopt}}));
}

TEST(Decoder, RejectsValuesThatAreNoCounts) {
  for (const char* value : {"", "-1", "+1", "1.0", "1e3", "0x10", "01", "00", " 1", "1 ", "-0",
                            "abc", "-9223372036854775809", "--1", "\xff"}) {
    EXPECT_EQ(decode({{"1:a", value}}).rejects,
              (std::vector<Decoded::Reject>{{0, "value.not_count", -1, 0}}))
        << value;
  }
  for (const char* value :
       {"9223372036854775808", "18446744073709551616", "99999999999999999999999999999999"}) {
    EXPECT_EQ(decode({{"1:a", value}}).rejects,
              (std::vector<Decoded::Reject>{{0, "value.too_large", -1, 0}}))
        << value;
  }
  EXPECT_EQ(decode({{"nothing", "right"}}).rejects,
            (std::vector<Decoded::Reject>{{0, "field.no_separator", -1, 0}}));
}

/// In its one way to be written.
std::optional<std::int64_t> canonical(const std::string& text) {
  try {
    const std::int64_t number = std::stoll(text);
    return std::to_string(number) == text ? std::optional(number) : std::nullopt;
  } catch (const std::logic_error&) {
    return std::nullopt;
  }
}

/// What is wrong with a field, as the documentation has it. Empty: nothing.
std::string reason_against(const std::string& field) {
  const std::size_t colon = field.find(':');
  if (colon == std::string::npos) {
    return "field.no_separator";
  }
  const std::string word = field.substr(colon + 1);
  return colon == 0                             ? "field.empty"
         : !canonical(field.substr(0, colon))   ? "field.not_integer"
         : word.size() > kMaxTextBytes          ? "field.too_long"
         : word.find('\0') != std::string::npos ? "field.nul"
         : !is_utf8(word)                       ? "field.not_utf8"
                                                : "";
}

TEST(Decoder, DoesTheSameWithRowsTogetherAsOneByOne) {
  const std::vector<std::string> pieces = {"0",
                                           "1",
                                           "9",
                                           "42",
                                           "1234567",
                                           "12345678",
                                           "999999999",
                                           ":",
                                           ":",
                                           ":",
                                           "-",
                                           "+",
                                           " ",
                                           "shoes",
                                           "é",
                                           "\xc3",
                                           "\xa9",
                                           std::string(1, '\0'),
                                           std::string(kMaxTextBytes, 'w')};
  std::mt19937 random(1);
  const auto text = [&](std::size_t most, const char* usual) {
    std::string made = random() % 4 == 0 ? "" : usual;
    for (std::size_t left = random() % (most + 1); left > 0; --left) {
      made += pieces[random() % pieces.size()];
    }
    return made;
  };
  for (int batch = 0; batch < 400; ++batch) {
    Rows raw;
    Decoded expected;
    const std::size_t num_rows = random() % 20;
    for (std::size_t row = 0; row < num_rows; ++row) {
      const std::string field = text(3, "7:");
      const std::string value = text(2, "3");
      raw.emplace_back(field, value);
      const auto count = canonical(value).value_or(-1);
      std::string reason = reason_against(field);
      if (reason.empty() && count < 0) {
        const bool digits = !value.empty() && value[0] != '0' &&
                            value.find_first_not_of("0123456789") == std::string::npos;
        reason = digits ? "value.too_large" : "value.not_count";
      }
      if (reason.empty()) {
        const std::size_t colon = field.find(':');
        expected.rows.push_back(
            {*canonical(field.substr(0, colon)), field.substr(colon + 1), count, std::nullopt});
      } else {
        expected.rejects.push_back(
            {static_cast<std::int64_t>(row), reason, count < 0 ? -1 : 2, count < 0 ? 0 : count});
      }
    }
    const Decoded decoded = decode(raw);
    ASSERT_EQ(decoded.rows, expected.rows) << batch;
    ASSERT_EQ(decoded.rejects, expected.rejects) << batch;
  }
}

TEST(Decoder, RefusesASplitOfAnotherPipeline) {
  auto source = RedisHash::create(config_with({}), Host()).value();
  const auto lane = source->decoder(day(), "clicklog_keys:20261123");
  EXPECT_CODE(invalid_config, lane);
  EXPECT_NE(lane.status().message().find(kClicks), std::string::npos);
}

TEST(Decoder, TakesColumnsOfAnyPattern) {
  auto source = RedisHash::create(
      config_with({{"field", "{site:text}::{day:text}/{ad_id:int64}"}}, {{"c", "c:{date}"}}),
      Host());
  ASSERT_TRUE(source.ok()) << source.status().to_string();
  auto lane = source.value()->decoder(day(), "c:2026-11-22").value();
  BatchBuilder builder(Settings::raw_schema());
  for (const char* field : {"a:b::c/7", "a::/7", "::c/7", "a::c/", "a:c/7", "a::c/x"}) {
    builder.column(0).append_bytes(field);
    builder.column(1).append_bytes("1");
    builder.end_row();
  }
  class : public Emitter {
   public:
    Status emit(RecordBatch batch) override {
      EXPECT_EQ(batch.num_rows(), 1);
      EXPECT_EQ(batch.column(0).bytes_at(0), "a:b");
      EXPECT_EQ(batch.column(1).bytes_at(0), "c");
      EXPECT_EQ(batch.column(2).int64s()[0], 7);
      return {};
    }
    Status reject(const Rejection& rejection) override {
      reasons.emplace_back(rejection.reason);
      return {};
    }
    std::vector<std::string> reasons;
  } emitter;
  ASSERT_TRUE(lane->process(builder.finish(), emitter).ok());
  EXPECT_EQ(emitter.reasons, (std::vector<std::string>{"field.empty", "field.empty", "field.empty",
                                                       "field.no_separator", "field.not_integer"}));
}

}  // namespace
}  // namespace daymill::redis_hash
