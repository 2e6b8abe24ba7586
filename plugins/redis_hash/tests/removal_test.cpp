#include <gtest/gtest.h>

#include "fixture.hpp"
#include "lossy_proxy.hpp"

namespace daymill::redis_hash {
namespace {

class RedisRemoval : public RedisTest {
 protected:
  void SetUp() override { put(kClicks, "1:a", "5"); }
  bool has(const std::string& key) { return redis.command({"EXISTS", key}) == "1"; }
  std::optional<std::string> record() { return redis.command({"GET", kClicksRecord}); }
};

TEST_F(RedisRemoval, UnlinksWhatItReadAndRecordsIt) {
  auto of = source();
  const Split split = clicks(*of);
  auto reader = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), split, proof(reader.get())).value(), Removal::removed);
  EXPECT_FALSE(has(kClicks));
  EXPECT_EQ(record(), "1 ad_ctr f1ng3r");
  EXPECT_EQ(redis.command({"TTL", kClicksRecord}), "-1");
  EXPECT_EQ(redis.command({"GET", "daymill:ad_ctr:sink"}), "postgres:7/ads/public.t");
  EXPECT_EQ(redis.command({"DBSIZE"}), "2");
  EXPECT_EQ(of->remove(day(), split, proof(reader.get())).value(), Removal::already_removed);
  EXPECT_EQ(of->remove(day(), split, proof(nullptr)).value(), Removal::already_removed);
}

TEST_F(RedisRemoval, CountsGenerations) {
  auto of = source();
  auto first = read_clicks(*of);
  ASSERT_EQ(of->remove(day(), clicks(*of), proof(first.get())).value(), Removal::removed);
  put(kClicks, "1:late", "2");
  auto second = read_clicks(*of);
  EXPECT_EQ(clicks(*of).removals, 1);
  EXPECT_CODE(needs_decision, of->remove(day(), clicks(*of), proof(second.get(), 3)));
  second = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(second.get(), 2)).value(), Removal::removed);
  EXPECT_EQ(record(), "2 ad_ctr f1ng3r");
  EXPECT_CODE(needs_decision, of->remove(day(), clicks(*of), proof(nullptr, 1)));
}

TEST_F(RedisRemoval, AnIncrementBetweenReadAndRemovalIsKept) {
  auto of = source();
  auto reader = read_clicks(*of);
  redis.command({"HINCRBY", kClicks, "1:a", "1"});
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
  EXPECT_EQ(redis.command({"HGET", kClicks, "1:a"}), "6");
  EXPECT_EQ(record(), std::nullopt);
  // The nil EXEC dropped the WATCH: the same reader proves nothing any more.
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
  EXPECT_TRUE(has(kClicks));
  auto again = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(again.get())).value(), Removal::removed);
  EXPECT_FALSE(has(kClicks));
}

TEST_F(RedisRemoval, AnIncrementDuringTheScanIsKept) {
  auto of = source();
  auto reader = of->open(day(), clicks(*of)).value();
  redis.command({"HINCRBY", kClicks, "1:a", "1"});
  ASSERT_TRUE(read_all(*reader).ok());
  ASSERT_EQ(reader->confirm(1).value(), Scan::stable) << "only the WATCH can see it";
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
  EXPECT_EQ(redis.command({"HGET", kClicks, "1:a"}), "6");
}

TEST_F(RedisRemoval, ChangesThatComeBackAreChanges) {
  auto of = source();
  for (const auto& change :
       std::vector<std::vector<std::string>>{{"FLUSHALL"},
                                             {"DEL", kClicks},
                                             {"HSET", kClicks, "1:a", "7"},
                                             {"PEXPIRE", kClicks, "1000000"},
                                             {"SET", kClicksRecord, "1 other f"}}) {
    redis.command({"DEL", kClicks, kClicksRecord});
    put(kClicks, "1:a", "5");
    auto reader = read_clicks(*of);
    const Split split = clicks(*of);
    redis.command(change);
    put(kClicks, "1:a", "5");
    redis.command({"PERSIST", kClicks});
    redis.command({"DEL", kClicksRecord});
    EXPECT_EQ(of->remove(day(), split, proof(reader.get())).value(), Removal::changed) << change[0];
    EXPECT_TRUE(has(kClicks)) << change[0];
  }
}

TEST_F(RedisRemoval, AKeyThatAppearsAfterItWasReadAsMissingIsKept) {
  redis.command({"DEL", kClicks});
  auto of = source();
  auto reader = read_clicks(*of);
  put(kClicks, "1:late", "1");
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
  EXPECT_TRUE(has(kClicks));
  redis.command({"DEL", kClicks});
  auto empty = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(empty.get())).value(), Removal::removed);
  EXPECT_EQ(record(), "1 ad_ctr f1ng3r");
}

TEST_F(RedisRemoval, TwoReadersRemoveOnce) {
  auto of = source();
  auto first = read_clicks(*of);
  auto second = read_clicks(*of);
  const Split split = clicks(*of);
  EXPECT_EQ(of->remove(day(), split, proof(first.get())).value(), Removal::removed);
  put(kClicks, "1:late", "1");
  EXPECT_EQ(of->remove(day(), split, proof(second.get())).value(), Removal::already_removed);
  EXPECT_TRUE(has(kClicks)) << "late counts are the next generation's";
}

TEST_F(RedisRemoval, AReaderProvesOnlyItsOwnKeyAfterAWholeStableScan) {
  put(kImpressions, "1:a", "5");
  auto of = source();
  const auto splits = of->plan(day()).value();
  auto unread = of->open(day(), splits[0]).value();
  EXPECT_CODE(internal, of->remove(day(), splits[0], proof(unread.get())));
  auto other = of->open(day(), splits[1]).value();
  EXPECT_CODE(internal, of->remove(day(), splits[0], proof(other.get())));
  auto unstable = of->open(day(), splits[0]).value();
  ASSERT_TRUE(read_all(*unstable).ok());
  ASSERT_EQ(unstable->confirm(2).value(), Scan::changed);
  EXPECT_EQ(of->remove(day(), splits[0], proof(unstable.get())).value(), Removal::changed);
  EXPECT_TRUE(has(kClicks));
}

TEST_F(RedisRemoval, WithoutAReaderOnlyAbsenceIsRecorded) {
  auto of = source();
  const Split split = clicks(*of);
  EXPECT_EQ(of->remove(day(), split, proof(nullptr, 4)).value(), Removal::changed);
  EXPECT_EQ(record(), std::nullopt);
  redis.command({"DEL", kClicks});
  EXPECT_EQ(of->remove(day(), split, proof(nullptr, 4)).value(), Removal::removed);
  EXPECT_EQ(record(), "4 ad_ctr f1ng3r");
  RemovalProof other = proof(nullptr, 4);
  other.pipeline = "other";
  EXPECT_CODE(needs_decision, of->remove(day(), split, other));
  other = proof(nullptr, 4);
  other.fingerprint = "unlike";
  EXPECT_CODE(needs_decision, of->remove(day(), split, other));
}

TEST_F(RedisRemoval, RefusesAnotherSink) {
  redis.command({"SET", "daymill:ad_ctr:sink", "postgres:1/production/public.t"});
  auto of = source();
  auto reader = read_clicks(*of);
  const auto removal = of->remove(day(), clicks(*of), proof(reader.get()));
  EXPECT_CODE(invalid_config, removal);
  EXPECT_NE(removal.status().message().find("production"), std::string::npos);
  EXPECT_NE(removal.status().message().find("postgres:7/ads"), std::string::npos);
  EXPECT_NE(removal.status().next().find("DEL daymill:ad_ctr:sink"), std::string::npos);
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(record(), std::nullopt);
}

TEST_F(RedisRemoval, NeverMeansNever) {
  auto of = source({{"remove", "never"}});
  auto reader = read_clicks(*of);
  EXPECT_CODE(unsupported, of->remove(day(), clicks(*of), proof(reader.get())));
  EXPECT_TRUE(has(kClicks));
}

TEST_F(RedisRemoval, OverMaxmemoryNothingIsRemoved) {
  auto of = source();
  auto reader = read_clicks(*of);
  redis.command({"SET", "daymill:ad_ctr:sink", "postgres:7/ads/public.t"});
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  const auto removal = of->remove(day(), clicks(*of), proof(reader.get()));
  EXPECT_CODE(resource_exhausted, removal);
  EXPECT_NE(removal.status().next().find("maxmemory"), std::string::npos);
  EXPECT_TRUE(has(kClicks));
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
  auto again = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(again.get())).value(), Removal::removed);
}

TEST_F(RedisRemoval, WhenTheAnswerToExecIsLostTheRecordDecides) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::answer);
  auto of = source({{"port", std::to_string(proxy.port())}});
  auto reader = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::removed);
  EXPECT_FALSE(has(kClicks));
  EXPECT_EQ(record(), "1 ad_ctr f1ng3r");
}

TEST_F(RedisRemoval, WhenExecItselfIsLostNobodyGuesses) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::request);
  auto of = source({{"port", std::to_string(proxy.port())}});
  auto reader = read_clicks(*of);
  EXPECT_CODE(unavailable, of->remove(day(), clicks(*of), proof(reader.get())));
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(record(), std::nullopt);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
}

TEST_F(RedisRemoval, AKilledConnectionIsNoProof) {
  auto of = source();
  auto reader = read_clicks(*of);
  redis.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_CODE(unavailable, of->remove(day(), clicks(*of), proof(reader.get())));
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::changed);
}

TEST_F(RedisRemoval, AKeyWithAHashTagHasItsRecordBesideIt) {
  auto made = RedisHash::create(
      config_with({{"port", std::to_string(redis.port())}}, {{"clicks", "{ad}:{date:%Y%m%d}"}}),
      Host());
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  Source& of = *made.value();
  put("{ad}:20261122", "1:a", "5");
  auto reader = read_clicks(of);
  EXPECT_EQ(of.remove(day(), clicks(of), proof(reader.get())).value(), Removal::removed);
  EXPECT_EQ(redis.command({"GET", "{ad}:20261122:daymill"}), "1 ad_ctr f1ng3r");
  EXPECT_EQ(clicks(of).removals, 1);
}

}  // namespace
}  // namespace daymill::redis_hash
