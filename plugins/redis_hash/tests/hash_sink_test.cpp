// The sink against a real server: a day appears whole, is replaced whole, and only by the last run.
#include "hash_sink.hpp"

#include <algorithm>
#include <limits>

#include "fixture.hpp"
#include "lossy_proxy.hpp"

namespace daymill::redis_hash {
namespace {

constexpr const char* kKey = "ctr:20261122";

struct Row {
  std::int64_t ad_id;
  std::string word;
  std::int64_t clicks;
  double ctr = 0.5;
};

const Schema kSchema{{{"ad_id", Type::int64, Role::key, false},
                      {"word", Type::text, Role::key, false},
                      {"clicks", Type::int64, Role::measure, true},
                      {"ctr", Type::float64, Role::attribute, true},
                      {"title", Type::text, Role::attribute, true},
                      {"seen", Type::boolean, Role::attribute, true}}};

RecordBatch batch_of(const std::vector<Row>& rows) {
  BatchBuilder builder(kSchema);
  for (const Row& row : rows) {
    builder.column(0).append_int64(row.ad_id);
    builder.column(1).append_bytes(row.word);
    row.clicks < 0 ? builder.column(2).append_null() : builder.column(2).append_int64(row.clicks);
    row.clicks < 0 ? builder.column(3).append_null() : builder.column(3).append_float64(row.ctr);
    builder.column(4).append_bytes("the " + row.word);
    builder.column(5).append_null();
    builder.end_row();
  }
  return builder.finish();
}

Load load_of(const std::vector<Row>& rows) {
  Load load;
  load.rows_out = static_cast<std::int64_t>(rows.size());
  load.sums = {Sum{"clicks", 0}};
  for (const Row& row : rows) {
    load.sums[0].value += std::max<std::int64_t>(0, row.clicks);
  }
  return load;
}

Attempt attempt(const std::string& run_id = "run-1") {
  return Attempt{day(), 1, run_id};
}

class HashSinkTest : public RedisTest {
 protected:
  using Settings = std::map<std::string, std::string>;

  Result<std::unique_ptr<Sink>> make(Settings settings = {}) {
    settings.try_emplace("port", std::to_string(redis.port()));
    settings.try_emplace("host", "127.0.0.1");
    settings.try_emplace("key", "ctr:{date:%Y%m%d}");
    settings.try_emplace("field", "{ad_id:int64}:{word:text}");
    settings.try_emplace("value", "clicks");
    std::vector<Config::Entry> entries;
    for (const auto& [name, value] : settings) {
      entries.push_back({name, "", value});
    }
    return HashSink::create(Config(std::move(entries)), Host());
  }
  std::unique_ptr<Sink> bound(Settings settings = {}) {
    auto sink = make(std::move(settings));
    EXPECT_TRUE(sink.ok()) << sink.status().to_string();
    const Status bound = sink.value()->bind(kSchema, "words");
    EXPECT_TRUE(bound.ok()) << bound.to_string();
    return std::move(sink).value();
  }
  static Status stage(Sink& sink, const std::vector<Row>& rows,
                      const std::string& run_id = "run-1") {
    DAYMILL_TRY(sink.begin(attempt(run_id)));
    DAYMILL_ASSIGN(const auto writer, sink.open());
    DAYMILL_TRY(writer->write(batch_of(rows)));
    return writer->finish();
  }
  static Status load(Sink& sink, const std::vector<Row>& rows,
                     const std::string& run_id = "run-1") {
    DAYMILL_TRY(stage(sink, rows, run_id));
    return sink.commit(load_of(rows), {});
  }
  std::map<std::string, std::string> hash(const std::string& key = kKey) {
    const auto list = redis.list({"HGETALL", key});
    std::map<std::string, std::string> found;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
      found[list[i]] = list[i + 1];
    }
    return found;
  }
  std::vector<std::string> keys() {
    auto found = redis.list({"KEYS", "*"});
    std::sort(found.begin(), found.end());
    return found;
  }
};

using Fields = std::map<std::string, std::string>;

TEST_F(HashSinkTest, TheDayAppearsAtTheCommitAndNotBefore) {
  const auto sink = bound();
  const std::vector<Row> rows = {{7, "shoes", 3}, {-8, "süß:er hut", 0}, {9, "", -1}};
  ASSERT_TRUE(stage(*sink, rows).ok());
  EXPECT_EQ(hash(), Fields{});
  const Status committed = sink->commit(load_of(rows), {});
  ASSERT_TRUE(committed.ok()) << committed.to_string();
  EXPECT_EQ(hash(), (Fields{{"7:shoes", "3"}, {"-8:süß:er hut", "0"}, {"9:", "0"}}));
  EXPECT_EQ(keys(), std::vector<std::string>{kKey}) << "nothing is left beside it";
  EXPECT_EQ(redis.command({"TTL", kKey}), "-1");
}

TEST_F(HashSinkTest, ASecondRunReplacesTheWholeDay) {
  const auto sink = bound();
  ASSERT_TRUE(load(*sink, {{7, "shoes", 3}, {8, "hats", 4}}).ok());
  ASSERT_TRUE(stage(*sink, {{9, "coats", 5}}, "run-2").ok());
  EXPECT_EQ(hash(), (Fields{{"7:shoes", "3"}, {"8:hats", "4"}})) << "until it is whole";
  ASSERT_TRUE(sink->commit(load_of({{9, "coats", 5}}), {}).ok());
  EXPECT_EQ(hash(), (Fields{{"9:coats", "5"}}));
}

TEST_F(HashSinkTest, AnEmptyDayHasNoKey) {
  const auto sink = bound();
  ASSERT_TRUE(load(*sink, {}).ok());
  EXPECT_EQ(keys(), std::vector<std::string>{});
  ASSERT_TRUE(load(*sink, {{7, "shoes", 3}}).ok());
  ASSERT_TRUE(load(*sink, {}, "run-2").ok());
  EXPECT_EQ(keys(), std::vector<std::string>{});
}

TEST_F(HashSinkTest, ManyRowsGoInPages) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < 12'345; ++i) {
    rows.push_back({i, i % 100 == 0 ? std::string(1000, 'w') : "w", i});
  }
  const auto sink = bound();
  const Status loaded = load(*sink, rows);
  ASSERT_TRUE(loaded.ok()) << loaded.to_string();
  EXPECT_EQ(redis.command({"HLEN", kKey}), "12345");
  EXPECT_EQ(redis.command({"HGET", kKey, "12344:w"}), "12344");
}

TEST_F(HashSinkTest, OtherTypesOfValues) {
  ASSERT_TRUE(load(*bound({{"value", "ctr"}}), {{7, "shoes", 3, 0.1}, {8, "hats", -1}}).ok());
  EXPECT_EQ(hash(), (Fields{{"7:shoes", "0.1"}, {"8:hats", ""}}));
  ASSERT_TRUE(load(*bound({{"value", "title"}}), {{7, "shoes", 3}}).ok());
  EXPECT_EQ(hash(), (Fields{{"7:shoes", "the shoes"}}));
  const Status refused =
      load(*bound({{"value", "ctr"}}), {{7, "shoes", 3, std::numeric_limits<double>::infinity()}});
  EXPECT_CODE(invalid_data, refused);
  EXPECT_NE(refused.message().find("7:shoes"), std::string::npos) << refused.message();
}

TEST_F(HashSinkTest, ADayExpiresWhenItShall) {
  ASSERT_TRUE(load(*bound({{"expire", "2d"}}), {{7, "shoes", 3}}).ok());
  const auto left = std::stoll(redis.command({"TTL", kKey}).value());
  EXPECT_GT(left, 100'000);
  EXPECT_LE(left, 2 * 86'400);
  ASSERT_TRUE(load(*bound(), {{7, "shoes", 3}}, "run-2").ok());
  EXPECT_EQ(redis.command({"TTL", kKey}), "-1");
  for (const std::string bad : {"", "0s", "5", "1w", "-1s", "99999999999d"}) {
    EXPECT_CODE(invalid_config, make({{"expire", bad}}));
  }
}

// ---- What is refused

TEST_F(HashSinkTest, AFieldThatCouldNotBeSplitAgainIsRefused) {
  const std::vector<std::pair<std::string, std::string>> words = {
      {"a::b", "separator"},
      {"a:", "separator"},
      {"", "empty"},
      {std::string(1025, 'x'), "1025 bytes"},
      {std::string("a\0b", 3), "NUL"}};
  for (const auto& [word, why] : words) {
    const Status refused = load(*bound({{"field", "{word:text}::{ad_id:int64}"}}), {{7, word, 1}});
    EXPECT_CODE(invalid_data, refused);
    EXPECT_NE(refused.message().find(why), std::string::npos) << refused.message();
    EXPECT_NE(refused.where().find(kKey), std::string::npos) << refused.to_string();
  }
  EXPECT_TRUE(load(*bound({{"field", "{word:text}::{ad_id:int64}"}}), {{7, "a:b", 1}}).ok());
  EXPECT_EQ(hash(), (Fields{{"a:b::7", "1"}}));
}

TEST_F(HashSinkTest, TwoRowsWithOneFieldAreBothNamed) {
  std::vector<Row> rows = {{7, "shoes", 3}, {8, "hats", 4}, {7, "shoes", 5}};
  Status refused = load(*bound(), rows);
  EXPECT_CODE(invalid_data, refused);
  EXPECT_NE(refused.message().find("\"7:shoes\", with the values \"3\" and \"5\""),
            std::string::npos)
      << refused.message();
  rows.insert(rows.begin() + 1, 5000, Row{});
  for (std::size_t i = 1; i <= 5000; ++i) {
    rows[i] = {static_cast<std::int64_t>(100 + i), "w", 1};
  }
  const auto sink = bound();
  refused = load(*sink, rows);
  EXPECT_NE(refused.message().find("\"3\" and \"5\""), std::string::npos) << "in another page";
  sink->abort();
  EXPECT_EQ(redis.list({"KEYS", "*stage*"}), std::vector<std::string>{});
  EXPECT_EQ(hash(), Fields{});
}

TEST_F(HashSinkTest, ColumnsThatDoNotFitAreRefusedBeforeAnyRowMoves) {
  const std::vector<std::pair<Settings, std::string>> wrong = {
      {{{"field", "{ad_id:int64}:{name:text}"}}, "\"name\""},
      {{{"field", "{ad_id:text}:{word:text}"}}, "type int64"},
      {{{"field", "{ad_id:int64}:{title:text}"}}, "attribute"},
      {{{"field", "{word:text}"}}, "\"ad_id\""},
      {{{"value", "price"}}, "\"price\""},
      {{{"value", "seen"}}, "bool"}};
  for (const auto& [settings, part] : wrong) {
    const Status refused = make(settings).value()->bind(kSchema, "words");
    EXPECT_CODE(schema_mismatch, refused);
    EXPECT_NE(refused.message().find(part), std::string::npos) << refused.message();
  }
  EXPECT_CODE(invalid_config, make({{"key", "ctr"}}));
  EXPECT_CODE(invalid_config, make({{"key", "ctr:{date:%d}"}}));
  EXPECT_CODE(invalid_config, make({{"key", "ctr:{date:%q}"}}));
  EXPECT_CODE(invalid_config, make({{"key", "{ctr:{date}"}}));
  EXPECT_CODE(invalid_config, make({{"value", "word"}}));
}

TEST_F(HashSinkTest, AKeyOfAnotherTypeIsNotReplaced) {
  redis.command({"SET", kKey, "precious"});
  EXPECT_CODE(invalid_data, load(*bound(), {{7, "shoes", 3}}));
  EXPECT_EQ(redis.command({"GET", kKey}), "precious");
}

TEST_F(HashSinkTest, RowsOrSumsThatAreNotTheLoadsAreNotCommitted) {
  const auto sink = bound();
  for (Load wrong : {load_of({{7, "shoes", 4}}), load_of({})}) {
    ASSERT_TRUE(stage(*sink, {{7, "shoes", 3}}).ok());
    EXPECT_CODE(internal, sink->commit(wrong, {}));
    sink->abort();
  }
  ASSERT_TRUE(sink->begin(attempt()).ok());
  static_cast<void>(sink->open().value());  // given up
  EXPECT_CODE(internal, sink->commit(load_of({}), {}));
  ASSERT_TRUE(stage(*sink, {{7, "shoes", 3}, {8, "hats", 4}}).ok());
  redis.command({"HDEL", "{ctr:20261122}:daymill:stage:run-1", "7:shoes"});
  EXPECT_CODE(conflict, sink->commit(load_of({{7, "shoes", 3}, {8, "hats", 4}}), {}));
  EXPECT_EQ(hash(), Fields{});
}

// ---- Two runs, dead runs, lost servers

TEST_F(HashSinkTest, OnlyTheRunThatBeganLastCommits) {
  const auto first = bound();
  const auto second = bound();
  ASSERT_TRUE(stage(*first, {{7, "shoes", 3}}, "run-1").ok());
  ASSERT_TRUE(stage(*second, {{7, "shoes", 4}}, "run-2").ok());
  EXPECT_CODE(fenced, first->commit(load_of({{7, "shoes", 3}}), {}));
  first->abort();
  ASSERT_TRUE(second->commit(load_of({{7, "shoes", 4}}), {}).ok());
  EXPECT_EQ(hash(), (Fields{{"7:shoes", "4"}}));
  EXPECT_EQ(keys(), std::vector<std::string>{kKey});
}

TEST_F(HashSinkTest, WhatADeadRunLeftIsRemovedByTheNext) {
  const auto dead = bound();
  ASSERT_TRUE(stage(*dead, {{7, "shoes", 3}}, "run-1").ok());  // and no more is heard of it
  const std::string stage_key = "{ctr:20261122}:daymill:stage:run-1";
  EXPECT_GT(std::stoll(redis.command({"TTL", stage_key}).value()), 0) << "or by its time to live";
  EXPECT_GT(std::stoll(redis.command({"TTL", "{ctr:20261122}:daymill:writer"}).value()), 0);
  ASSERT_TRUE(bound()->begin(attempt("run-2")).ok());
  EXPECT_EQ(redis.command({"EXISTS", stage_key}), "0");
}

TEST_F(HashSinkTest, AServerThatDiesIsUnavailableAndTheNextAttemptWritesTheDay) {
  const auto sink = bound();
  ASSERT_TRUE(sink->begin(attempt()).ok());
  const auto writer = sink->open().value();
  ASSERT_TRUE(writer->write(batch_of({{7, "shoes", 3}})).ok());
  redis.kill9();
  const Status status = writer->write(batch_of({{8, "hats", 4}}));
  EXPECT_CODE(unavailable, status);
  EXPECT_NE(status.where().find(kKey), std::string::npos) << status.to_string();
  sink->abort();
  redis.start();
  ASSERT_TRUE(load(*sink, {{7, "shoes", 3}, {8, "hats", 4}}).ok());
  EXPECT_EQ(hash().size(), 2u);
}

TEST_F(HashSinkTest, ALostAnswerToTheCommitIsWrittenAgain) {
  for (const auto loses : {LossyProxy::Loses::answer, LossyProxy::Loses::request}) {
    redis.command({"FLUSHALL"});
    const LossyProxy proxy(redis.port(), loses);
    const auto sink = bound({{"port", std::to_string(proxy.port())}});
    const Status lost = load(*sink, {{7, "shoes", 3}});
    EXPECT_CODE(unavailable, lost);
    EXPECT_TRUE(is_retryable(lost.code()));
    EXPECT_EQ(hash().size(), loses == LossyProxy::Loses::answer ? 1u : 0u);
    sink->abort();
    const auto again = bound();
    ASSERT_TRUE(load(*again, {{7, "shoes", 3}, {8, "hats", 4}}).ok());
    EXPECT_EQ(hash(), (Fields{{"7:shoes", "3"}, {"8:hats", "4"}}));
    EXPECT_EQ(keys(), std::vector<std::string>{kKey});
  }
}

TEST_F(HashSinkTest, AFullServerKeepsTheOldDay) {
  const auto sink = bound();
  ASSERT_TRUE(load(*sink, {{7, "shoes", 3}}).ok());
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_CODE(resource_exhausted, load(*sink, {{7, "shoes", 4}}, "run-2"));
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(hash(), (Fields{{"7:shoes", "3"}}));
}

TEST_F(HashSinkTest, AReplicaIsRefused) {
  redis.command({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_CODE(unavailable, load(*bound(), {{7, "shoes", 3}}));
}

// ---- What it does not do, and doctor

TEST_F(HashSinkTest, KeepsNoReceipts) {
  const auto sink = bound();
  EXPECT_TRUE(sink->receipts(day(), true).value().receipts.empty());
  EXPECT_EQ(sink->claim(day()).value(), 1);
  EXPECT_CODE(unsupported, sink->reject({RejectRow{}}));
  EXPECT_CODE(unsupported, sink->mark_removed(day(), "clicks", 1));
  EXPECT_CODE(unsupported, sink->begin(Attempt{day(), 0, "rehearsal"}));
  EXPECT_EQ(sink->identity().value(),
            "redis_hash:127.0.0.1:" + std::to_string(redis.port()) + "/0/ctr:{date:%Y%m%d}");
}

TEST_F(HashSinkTest, CheckTriesTheRightsAndChangesNothing) {
  auto lines = bound()->check();
  ASSERT_TRUE(lines.ok()) << lines.status().to_string();
  EXPECT_EQ(lines->back(), "writing a day is allowed");
  redis.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  lines = bound()->check();
  EXPECT_NE(lines->at(1).find("warning: maxmemory-policy is allkeys-lru"), std::string::npos);
  redis.command({"ACL", "SETUSER", "etl", "on", ">s3cret", "~*", "+@all", "-rename"});
  lines = bound({{"user", "etl"}, {"password", "s3cret"}})->check();
  EXPECT_NE(lines->back().find("error: writing a day would fail: "), std::string::npos);
  redis.command({"ACL",      "SETUSER", "etl",     "resetkeys", "-@all",  "~*",      "+type",
                 "+getset",  "+get",    "+hsetnx", "+hget",     "+hlen",  "+expire", "+pexpire",
                 "+persist", "+rename", "+unlink", "+watch",    "+multi", "+exec"});
  const auto sink = bound({{"user", "etl"}, {"password", "s3cret"}});
  EXPECT_EQ(sink->check()->back(), "writing a day is allowed");
  EXPECT_NE(sink->check()->at(1).find("may not run INFO"), std::string::npos);
  EXPECT_TRUE(load(*sink, {{7, "shoes", 3}}).ok()) << "these rights are enough";
  EXPECT_EQ(keys(), std::vector<std::string>{kKey});
}

}  // namespace
}  // namespace daymill::redis_hash
