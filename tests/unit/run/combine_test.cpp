#include "run/combine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

namespace daymill {
namespace {

constexpr std::size_t kPlenty = std::size_t{64} << 20;
using Measure = std::optional<std::int64_t>;

Schema ad_schema() {
  return Schema{{{"ad_id", Type::int64, Role::key, true},
                 {"word", Type::text, Role::key, true},
                 {"day", Type::date, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true},
                 {"views", Type::int64, Role::measure, true},
                 {"note", Type::text, Role::attribute, true}}};
}

struct Row {
  std::optional<std::int64_t> ad_id;
  std::optional<std::string> word;
  std::int32_t day = 0;
  Measure clicks{};
  Measure views{};
  std::optional<std::string> note{};
};

RecordBatch batch_of(const std::vector<Row>& rows) {
  BatchBuilder builder(ad_schema());
  const auto number = [&](std::size_t i, const Measure& value) {
    value ? builder.column(i).append_int64(*value) : builder.column(i).append_null();
  };
  const auto text = [&](std::size_t i, const std::optional<std::string>& value) {
    value ? builder.column(i).append_bytes(*value) : builder.column(i).append_null();
  };
  for (const Row& row : rows) {
    number(0, row.ad_id);
    text(1, row.word);
    builder.column(2).append_date(row.day);
    number(3, row.clicks);
    number(4, row.views);
    text(5, row.note);
    builder.end_row();
  }
  return builder.finish();
}

/// "7 shoes 1: 3 10 note", one line per row; a null is "-".
std::vector<std::string> drain(CombineTable& table) {
  std::vector<std::string> lines;
  const Status status = table.drain([&](const RecordBatch& batch) {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      const auto number = [&](std::size_t i) {
        return batch.column(i).is_null(row) ? "-" : std::to_string(batch.column(i).int64s()[row]);
      };
      const auto text = [&](std::size_t i) {
        return batch.column(i).is_null(row) ? "-" : std::string(batch.column(i).bytes_at(row));
      };
      lines.push_back(number(0) + " " + text(1) + " " +
                      std::to_string(batch.column(2).dates()[row]) + ": " + number(3) + " " +
                      number(4) + " " + text(5));
    }
    return Status();
  });
  EXPECT_TRUE(status.ok());
  return lines;
}

TEST(Combine, SumsMeasuresPerKeyInOrderOfTheKeys) {
  CombineTable table(ad_schema(), kPlenty);
  ASSERT_TRUE(table.add(batch_of({{8, "hats", 1, 1, {}}, {7, "shoes", 1, 3, {}}})).ok());
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, {}, 10}, {9, "socks", 1, {}, 5}})).ok());
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, 4, 1}})).ok());
  EXPECT_EQ(table.num_keys(), 3);
  EXPECT_EQ(drain(table),
            (std::vector<std::string>{"7 shoes 1: 7 11 -", "8 hats 1: 1 0 -", "9 socks 1: 0 5 -"}));
  EXPECT_EQ(table.num_keys(), 0);
  EXPECT_TRUE(drain(table).empty());
}

TEST(Combine, IsUsedAgainAfterDrain) {
  CombineTable table(ad_schema(), kPlenty);
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, 3, 1, "old"}})).ok());
  drain(table);
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, 5, {}}})).ok());
  EXPECT_EQ(drain(table), (std::vector<std::string>{"7 shoes 1: 5 0 -"}));
}

TEST(Combine, KeysOfEveryTypeAreTakenByTheirBytes) {
  CombineTable table(ad_schema(), kPlenty);
  ASSERT_TRUE(table
                  .add(batch_of({{7, "", 1, 1, {}},
                                 {7, {}, 1, 2, {}},
                                 {{}, "", 1, 3, {}},
                                 {7, "", 2, 4, {}},
                                 {-7, "", 1, 5, {}},
                                 {7, "e\u0301", 1, 6, {}},
                                 {7, "\u00e9", 1, 7, {}},
                                 {7, std::string("a\0b", 3), 1, 8, {}},
                                 {7, "", 1, 10, {}}}))
                  .ok());
  EXPECT_EQ(table.num_keys(), 8);
  const std::vector<std::string> lines = drain(table);
  EXPECT_EQ(lines.front(), "-  1: 3 0 -") << "null first";
  EXPECT_NE(std::find(lines.begin(), lines.end(), "7  1: 11 0 -"), lines.end());
}

TEST(Combine, KeepsTheAttributeThatCameLast) {
  CombineTable table(ad_schema(), kPlenty);
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, 1, {}, "first"}})).ok());
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, 1, {}, "a much longer second"}})).ok());
  EXPECT_EQ(drain(table), (std::vector<std::string>{"7 shoes 1: 2 0 a much longer second"}));
}

TEST(Combine, SumThatLeavesInt64IsInvalidData) {
  CombineTable table(ad_schema(), kPlenty);
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, INT64_MAX, {}}})).ok());
  const Status status = table.add(batch_of({{7, "shoes", 1, 1, {}}}));
  EXPECT_EQ(status.code(), Code::invalid_data);
  EXPECT_NE(status.message().find("clicks"), std::string::npos) << status.message();
}

TEST(Combine, StopsAtItsMemoryLimit) {
  CombineTable table(ad_schema(), 100'000);
  Status status;
  std::int64_t keys = 0;
  for (; status.ok() && keys < 100'000; ++keys)
    status = table.add(batch_of({{keys, "word", 1, 1, {}}}));
  EXPECT_EQ(status.code(), Code::resource_exhausted);
  EXPECT_LT(keys, 10'000);
}

TEST(Combine, FindsMeasuresOfAKey) {
  CombineTable table(ad_schema(), kPlenty);
  ASSERT_TRUE(table.add(batch_of({{7, "shoes", 1, 3, 4}})).ok());
  const RecordBatch asked = batch_of({{7, "shoes", 1}, {8, "shoes", 1}});
  const std::int64_t* found = table.find(asked, 0);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found[0], 3);
  EXPECT_EQ(found[1], 4);
  EXPECT_EQ(table.find(asked, 1), nullptr);
  EXPECT_EQ(table.num_keys(), 1) << "asking adds nothing";
}

TEST(Combine, KeysThatBeginAlikeAreInOrderToo) {
  for (const std::size_t alike : {0, 1, 4, 5, 6, 7, 8, 13, 14, 15, 20, 40}) {
    CombineTable table(ad_schema(), kPlenty);
    std::vector<Row> rows;
    for (int i = 299; i >= 0; --i) {
      const std::string end = i == 0 ? "" : std::to_string(1000 + i);  // one ends where they differ
      rows.push_back({{}, std::string(alike, 'a') + end, 1, i, 1});
    }
    ASSERT_TRUE(table.add(batch_of(rows)).ok());
    const std::vector<std::string> lines = drain(table);
    ASSERT_EQ(lines.size(), 300u);
    EXPECT_TRUE(std::is_sorted(lines.begin(), lines.end())) << alike << " bytes alike";
  }
}

TEST(Combine, ManyKeysComeOutInOrder) {
  constexpr std::int64_t kKeys = 100'000;
  CombineTable table(ad_schema(), kPlenty);
  for (int round = 0; round < 2; ++round) {
    std::vector<Row> rows;
    for (std::int64_t at = 0; at < kKeys; ++at) {
      const std::int64_t i = at * 7919 % kKeys;  // each once, in no order
      rows.push_back({i, "w" + std::to_string(i % 97), 1, i, 1});
    }
    ASSERT_TRUE(table.add(batch_of(rows)).ok());
  }
  EXPECT_EQ(table.num_keys(), kKeys);
  const auto lines = drain(table);
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(kKeys));
  for (std::int64_t i = 0; i < kKeys; i += 911)
    EXPECT_EQ(lines[static_cast<std::size_t>(i)], std::to_string(i) + " w" +
                                                      std::to_string(i % 97) +
                                                      " 1: " + std::to_string(2 * i) + " 2 -");
}

class CombineInOrder : public testing::Test {
 protected:
  static Schema schema() {
    return Schema{
        {{"word", Type::text, Role::key, false}, {"clicks", Type::int64, Role::measure, true}}};
  }
  void add(const std::vector<std::pair<std::string, std::int64_t>>& rows, std::uint64_t until) {
    BatchBuilder builder(schema());
    for (const auto& [word, clicks] : rows) {
      builder.column(0).append_bytes(word);
      builder.column(1).append_int64(clicks);
      builder.end_row();
    }
    EXPECT_TRUE(table.add(builder.finish(), until).ok());
  }
  std::string drain_before(std::uint64_t complete) {
    std::string text;
    const Status status = table.drain_before(complete, drained, [&](const RecordBatch& batch) {
      for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        text += std::string(batch.column(0).bytes_at(row)) + " " +
                std::to_string(batch.column(1).int64s()[row]) + "\n";
      }
      return Status();
    });
    EXPECT_TRUE(status.ok());
    return text;
  }
  CombineTable table{schema(), kPlenty};
  KeyHashes drained{"/absent"};  // so few stay in memory
};

TEST_F(CombineInOrder, DrainsWhatIsCompleteAndKeepsTheRest) {
  add({{"c", 1}, {"a", 2}}, 10);
  add({{"e", 3}, {"d", 4}}, 20);
  add({{"b", 5}, {"a", 6}}, 10);
  EXPECT_EQ(drain_before(9), "");
  EXPECT_EQ(drain_before(10), "a 8\nb 5\nc 1\n");
  EXPECT_EQ(table.num_keys(), 2);
  add({{"d", 10}, {"f", 7}}, 30);
  EXPECT_EQ(drain_before(20), "d 14\ne 3\n");
  EXPECT_EQ(drain_before(CombineTable::kLast), "f 7\n");
  EXPECT_EQ(table.num_keys(), 0);
  EXPECT_FALSE(*drained.any_may_repeat());
}

TEST_F(CombineInOrder, TellsThatAKeyWasDrainedTwice) {
  add({{"a", 1}, {"b", 1}}, 10);
  EXPECT_EQ(drain_before(10), "a 1\nb 1\n");
  add({{"a", 1}}, 20);
  EXPECT_EQ(drain_before(20), "a 1\n");
  EXPECT_TRUE(*drained.any_may_repeat());
}

}  // namespace
}  // namespace daymill
