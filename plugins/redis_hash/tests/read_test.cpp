#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "fixture.hpp"

namespace daymill::redis_hash {
namespace {

class RedisRead : public RedisTest {};

TEST_F(RedisRead, PlansOneSplitPerMeasure) {
  put(kClicks, "1:a", "1");
  put(kClicks, "2:b", "1");
  redis.command({"SET", kClicksRecord, "4 ad_ctr abc"});
  const auto splits = source()->plan(day());
  ASSERT_TRUE(splits.ok()) << splits.status().to_string();
  ASSERT_EQ(splits->size(), 2u);
  const Split& clicks = splits->at(0);
  EXPECT_EQ(clicks.id, kClicks);
  EXPECT_EQ(clicks.location, "redis 127.0.0.1:" + std::to_string(redis.port()) + " key " + kClicks);
  EXPECT_TRUE(clicks.present);
  EXPECT_EQ(clicks.estimated_rows, 2);
  EXPECT_EQ(clicks.removals, 4);
  EXPECT_EQ(clicks.removed_by, "ad_ctr");
  EXPECT_EQ(clicks.removed_fingerprint, "abc");
  EXPECT_EQ(clicks.record_problem, "");
  const Split& impressions = splits->at(1);
  EXPECT_EQ(impressions.id, kImpressions);
  EXPECT_FALSE(impressions.present);
  EXPECT_EQ(impressions.estimated_rows, 0);
  EXPECT_EQ(impressions.removals, 0);
}

TEST_F(RedisRead, AMeasureOfSeveralHashesHasASplitForEach) {
  put("clicklog_keys:20261122:1", "1:a", "1");
  put("clicklog_keys:20261122:3", "1:a", "2");  // beyond the range
  auto of = RedisHash::create(config_with({{"port", std::to_string(redis.port())}},
                                          {{"clicks", "clicklog_keys:{date:%Y%m%d}:{0..2}"}}),
                              Host());
  ASSERT_TRUE(of.ok()) << of.status().to_string();
  const auto splits = of.value()->plan(day());
  ASSERT_TRUE(splits.ok()) << splits.status().to_string();
  ASSERT_EQ(splits->size(), 3u);
  EXPECT_EQ(splits->at(2).id, "clicklog_keys:20261122:2");
  EXPECT_FALSE(splits->at(0).present);
  EXPECT_TRUE(splits->at(1).present);
  for (const Split& split : *splits) {
    EXPECT_TRUE(of.value()->decoder(day(), split.id).ok());
  }
  const auto other = of.value()->decoder(day(), "clicklog_keys:20261122:3");
  EXPECT_CODE(invalid_config, other);
  EXPECT_NE(other.status().message().find("clicklog_keys:20261122:0 to clicklog_keys:20261122:2"),
            std::string::npos)
      << other.status().message();
  EXPECT_EQ(of.value()->inventory().value(), std::vector<std::string>{"2026-11-22"});
}

TEST_F(RedisRead, ReportsARecordItCannotRead) {
  redis.command({"SET", kClicksRecord, "four"});
  redis.command({"RPUSH", "{viewlog_keys:20261122}:daymill", "1"});
  auto of = source();
  const auto splits = of->plan(day());
  ASSERT_TRUE(splits.ok()) << splits.status().to_string();
  EXPECT_NE(splits->at(0).record_problem.find("four"), std::string::npos);
  EXPECT_NE(splits->at(1).record_problem.find("not a string"), std::string::npos);
  auto reader = of->open(day(), splits->at(0));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  ASSERT_TRUE(read_all(*reader.value()).ok());
  ASSERT_TRUE(reader.value()->confirm(0).ok());
  EXPECT_CODE(needs_decision, of->remove(day(), splits->at(0), proof(reader.value().get())));
}

TEST_F(RedisRead, RefusesAKeyOfAnotherType) {
  redis.command({"SET", kClicks, "1"});
  auto of = source();
  const auto splits = of->plan(day());
  EXPECT_CODE(invalid_data, splits);
  EXPECT_NE(splits.status().message().find("type string, expected a hash"), std::string::npos);
  EXPECT_NE(splits.status().where().find(kClicks), std::string::npos);
  Split split;
  split.id = kClicks;
  EXPECT_CODE(invalid_data, of->open(day(), split));
}

TEST_F(RedisRead, ReadsBytesAsTheyAre) {
  using namespace std::string_literals;
  const Rows expected = {{"", "1"},
                         {"1:\r\n$5\r\n", "\0\xff"s},
                         {"2:\0"s, ""},
                         {"3:靴 👟:x", "7"},
                         {"4:" + std::string(4096, 'w'), "-0x1.5"}};
  for (const auto& [field, value] : expected) {
    put(kClicks, field, value);
  }
  auto of = source();
  auto reader = of->open(day(), clicks(*of));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  auto rows = read_all(*reader.value());
  ASSERT_TRUE(rows.ok()) << rows.status().to_string();
  std::sort(rows->begin(), rows->end());
  EXPECT_EQ(*rows, expected);
  EXPECT_EQ(reader.value()->confirm(5).value(), Scan::stable);
}

TEST_F(RedisRead, AMissingKeyIsNoRows) {
  auto of = source();
  auto reader = of->open(day(), clicks(*of));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  EXPECT_EQ(read_all(*reader.value())->size(), 0u);
  EXPECT_EQ(reader.value()->confirm(0).value(), Scan::stable);
}

TEST_F(RedisRead, ReadsManyPagesWhole) {
  constexpr int kFields = 200000;
  std::vector<std::string> command;
  for (int i = 0; i < kFields; ++i) {
    if (command.empty()) {
      command = {"HSET", kClicks};
    }
    command.push_back(std::to_string(i % 1000) + ":word " + std::to_string(i));
    command.push_back(std::to_string(i));
    if (command.size() > 10000 || i + 1 == kFields) {
      redis.command(command);
      command.clear();
    }
  }
  for (const char* count : {"5000", "37"}) {
    auto of = source({{"scan_count", count}});
    auto reader = of->open(day(), clicks(*of));
    ASSERT_TRUE(reader.ok()) << reader.status().to_string();
    const auto rows = read_all(*reader.value());
    ASSERT_TRUE(rows.ok()) << rows.status().to_string();
    std::map<std::string, std::string> distinct(rows->begin(), rows->end());
    ASSERT_EQ(distinct.size(), static_cast<std::size_t>(kFields));
    for (const auto& [field, value] : distinct) {
      ASSERT_EQ(field.substr(field.rfind(' ') + 1), value);
    }
    EXPECT_EQ(rows->size(), static_cast<std::size_t>(kFields)) << "no row twice";
    EXPECT_EQ(reader.value()->confirm(kFields).value(), Scan::stable);
    // Something was missing: the source now reads by one cursor.
    EXPECT_EQ(reader.value()->confirm(kFields - 1).value(), Scan::changed);
    reader = of->open(day(), clicks(*of));
    ASSERT_TRUE(reader.ok()) << reader.status().to_string();
    EXPECT_EQ(read_all(*reader.value())->size(), static_cast<std::size_t>(kFields));
    EXPECT_EQ(reader.value()->confirm(kFields).value(), Scan::stable);
  }
}

TEST_F(RedisRead, MissesNoFieldOfAHashThatGrowsMeanwhile) {
  constexpr int kFields = 60'000;  // in a table of 65,536, which then becomes larger
  const auto add = [this](int from, int to) {
    for (int i = from; i < to; i += 1000) {
      std::vector<std::string> command = {"HSET", kClicks};
      for (int k = i; k < std::min(i + 1000, to); ++k) {
        command.push_back(std::to_string(k) + ":word");
        command.push_back("1");
      }
      redis.command(command);
    }
  };
  add(0, kFields);
  auto of = source();
  auto reader = of->open(day(), clicks(*of));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  BatchBuilder builder(Settings::raw_schema());
  std::set<std::string> found;
  bool grown = false;
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    if (!grown && found.size() >= kFields / 2) {
      add(kFields, 2 * kFields);
      grown = true;
    }
    const auto next = reader.value()->read(builder);
    ASSERT_TRUE(next.ok()) << next.status().to_string();
    state = *next;
    const RecordBatch batch = builder.finish();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      found.emplace(batch.column(0).bytes_at(row));
    }
  }
  ASSERT_TRUE(grown);
  for (int i = 0; i < kFields; ++i) {
    ASSERT_EQ(found.count(std::to_string(i) + ":word"), 1u) << i;
  }
  EXPECT_EQ(reader.value()->confirm(static_cast<std::int64_t>(found.size())).value(),
            Scan::changed);
}

TEST_F(RedisRead, ReadsLargeFieldsAndValuesInBatchesOfBoundedSize) {
  constexpr int kFields = 600;  // more than a listpack holds, so that HSCAN has pages
  std::map<std::string, std::string> expected;
  for (int i = 0; i < kFields; ++i) {
    const char letter = static_cast<char>('a' + i % 26);
    expected["f" + std::to_string(i)] = std::string(i % 60 == 0 ? 512 * 1024 : 10000, letter);
  }
  expected[std::string(512 * 1024, 'F')] = "1";
  for (const auto& [field, value] : expected) {
    put(kClicks, field, value);
  }
  auto of = source();
  auto reader = of->open(day(), clicks(*of));
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  BatchBuilder builder(Settings::raw_schema());
  std::map<std::string, std::string> found;
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    const auto next = reader.value()->read(builder);
    ASSERT_TRUE(next.ok()) << next.status().to_string();
    state = *next;
    EXPECT_LT(builder.byte_size(), BatchBuilder::kTargetBytes + 1024 * 1024);
    const RecordBatch batch = builder.finish();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      found[std::string(batch.column(0).bytes_at(row))] = batch.column(1).bytes_at(row);
    }
  }
  EXPECT_TRUE(found == expected) << "too long to print";
  EXPECT_EQ(reader.value()->confirm(kFields + 1).value(), Scan::stable);
}

TEST_F(RedisRead, SeesThatTheHashGrewOrShrank) {
  put(kClicks, "1:a", "1");
  put(kClicks, "1:b", "1");
  auto of = source();
  for (const auto& change : std::vector<std::vector<std::string>>{
           {"HSET", kClicks, "1:c", "1"}, {"HDEL", kClicks, "1:c"}, {"DEL", kClicks}}) {
    auto reader = of->open(day(), clicks(*of));
    ASSERT_TRUE(reader.ok());
    const auto rows = read_all(*reader.value());
    redis.command(change);
    EXPECT_EQ(reader.value()->confirm(static_cast<std::int64_t>(rows->size())).value(),
              Scan::changed)
        << change[0];
  }
}

TEST_F(RedisRead, SeesThatTheRecordChanged) {
  put(kClicks, "1:a", "1");
  auto of = source();
  const Split planned = clicks(*of);
  auto reader = of->open(day(), planned);
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(read_all(*reader.value()).ok());
  redis.command({"SET", kClicksRecord, "1 other f"});
  EXPECT_EQ(reader.value()->confirm(1).status().code(), Code::conflict);
  EXPECT_CODE(conflict, of->open(day(), planned));
}

TEST_F(RedisRead, ListsTheDaysItHolds) {
  put(kClicks, "1:a", "1");
  put(kImpressions, "1:a", "1");
  put("viewlog_keys:20261123", "1:a", "1");
  put("viewlog_keys:20260230", "1:a", "1");
  put("viewlog_keys:20261124x", "1:a", "1");
  put("xviewlog_keys:20261124", "1:a", "1");
  redis.command({"SET", "clicklog_keys:20261125", "not a hash"});
  redis.command({"SET", "{clicklog_keys:20261126}:daymill", "1 ad_ctr f"});
  for (int i = 0; i < 3000; ++i) {
    redis.command({"SET", "other:" + std::to_string(i), "1"});
  }
  const auto labels = source()->inventory();
  ASSERT_TRUE(labels.ok()) << labels.status().to_string();
  EXPECT_EQ(*labels, (std::vector<std::string>{"2026-11-22", "2026-11-23"}));
}

}  // namespace
}  // namespace daymill::redis_hash
