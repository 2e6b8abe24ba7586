#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include "fixture.hpp"
#include "lossy_proxy.hpp"

namespace daymill::redis_hash {
namespace {

using Command = std::vector<std::string>;

class RedisDecision : public RedisTest {
 protected:
  void SetUp() override { put(kClicks, "1:a", "5"); }
  bool has(const std::string& key) { return redis.command({"EXISTS", key}) == "1"; }
  std::optional<std::string> record() { return redis.command({"GET", kClicksRecord}); }
  void set_record(const std::string& text) { redis.command({"SET", kClicksRecord, text}); }

  Result<Removal> discard(Source& of, Reader* reader, std::int64_t generation) {
    return of.remove(day(), clicks(of), decision(RemovalKind::discard, reader, generation));
  }
  /// On the word of what `split` says, which may be out of date.
  static Result<Removal> record_only(Source& of, const Split& split, std::int64_t generation) {
    return of.remove(day(), split, decision(RemovalKind::record_only, nullptr, generation));
  }
  /// Lets somebody else write between the last look and EXEC.
  std::function<void()> meanwhile(const Command& command) const {
    return [port = redis.port(), command] {
      const std::unique_ptr<redisContext, decltype(&redisFree)> connection(
          redisConnect("127.0.0.1", port), &redisFree);
      std::vector<const char*> arguments;
      for (const std::string& argument : command) {
        arguments.push_back(argument.c_str());
      }
      freeReplyObject(redisCommandArgv(connection.get(), static_cast<int>(arguments.size()),
                                       arguments.data(), nullptr));
    };
  }
};

// ---- discard

TEST_F(RedisDecision, DiscardsWhatItReadWhateverTheRecordWas) {
  auto of = source();
  for (const char* before : {"", "4 other f0", "9 ad_ctr f9", "four"}) {
    redis.command({"DEL", kClicksRecord});
    put(kClicks, "1:a", "5");
    if (*before != '\0') {
      redis.command({"SET", kClicksRecord, before, "EX", "1000"});
    }
    const auto reader = read_clicks(*of);
    EXPECT_EQ(discard(*of, reader.get(), 2).value(), Removal::removed) << before;
    EXPECT_FALSE(has(kClicks)) << before;
    EXPECT_EQ(record(), "2 ad_ctr f1ng3r") << before;
    EXPECT_EQ(redis.command({"TTL", kClicksRecord}), "-1") << before;
  }
  EXPECT_EQ(redis.command({"GET", "daymill:ad_ctr:sink"}), "postgres:7/ads/public.t");
}

TEST_F(RedisDecision, DiscardsARecordOfAnotherType) {
  redis.command({"RPUSH", kClicksRecord, "1"});
  auto of = source();
  const auto reader = read_clicks(*of);
  EXPECT_EQ(discard(*of, reader.get(), 1).value(), Removal::removed);
  EXPECT_EQ(record(), "1 ad_ctr f1ng3r");
}

TEST_F(RedisDecision, DiscardsAndForgetsTheRecord) {
  for (const char* before : {"3 ad_ctr f3", ""}) {
    put(kClicks, "1:a", "5");
    if (*before != '\0') {
      set_record(before);
    }
    auto of = source();
    const auto reader = read_clicks(*of);
    EXPECT_EQ(discard(*of, reader.get(), 0).value(), Removal::removed) << before;
    EXPECT_FALSE(has(kClicks)) << before;
    EXPECT_EQ(record(), std::nullopt) << before;
    EXPECT_EQ(discard(*of, reader.get(), 0).value(), Removal::already_removed) << before;
  }
}

TEST_F(RedisDecision, DiscardingTwiceIsOnce) {
  auto of = source();
  const auto first = read_clicks(*of);
  const auto second = read_clicks(*of);
  EXPECT_EQ(discard(*of, first.get(), 1).value(), Removal::removed);
  EXPECT_EQ(discard(*of, first.get(), 1).value(), Removal::already_removed);
  EXPECT_EQ(discard(*of, second.get(), 1).value(), Removal::already_removed);
}

TEST_F(RedisDecision, ARecordThatIsAsWishedDoesNotMeanThatTheKeyIsGone) {
  set_record("1 ad_ctr f1ng3r");
  auto of = source();
  const auto reader = read_clicks(*of);
  EXPECT_EQ(discard(*of, reader.get(), 1).value(), Removal::removed);
  EXPECT_FALSE(has(kClicks));
  put(kClicks, "1:late", "1");
  EXPECT_EQ(discard(*of, reader.get(), 1).value(), Removal::changed);
  EXPECT_TRUE(has(kClicks));
}

TEST_F(RedisDecision, WhatWasNotReadIsNotDiscarded) {
  auto of = source();
  for (const Command& change :
       {Command{"HINCRBY", kClicks, "1:a", "1"}, Command{"HSET", kClicks, "2:b", "1"},
        Command{"SET", kClicksRecord, "7 other f"}, Command{"EXPIRE", kClicks, "1000"}}) {
    redis.command({"DEL", kClicks, kClicksRecord});
    put(kClicks, "1:a", "5");
    const auto reader = read_clicks(*of);
    redis.command(change);
    EXPECT_EQ(discard(*of, reader.get(), 1).value(), Removal::changed) << change[0];
    EXPECT_TRUE(has(kClicks)) << change[0];
    EXPECT_NE(record(), "1 ad_ctr f1ng3r") << change[0];
    EXPECT_EQ(discard(*of, reader.get(), 1).value(), Removal::changed)
        << "the nil EXEC used the WATCH up";
  }
}

TEST_F(RedisDecision, ACountThatArrivesJustBeforeExecIsKept) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::nothing,
                   meanwhile({"HINCRBY", kClicks, "1:a", "1"}));
  auto of = source({{"port", std::to_string(proxy.port())}});
  const auto reader = read_clicks(*of);
  EXPECT_EQ(discard(*of, reader.get(), 1).value(), Removal::changed);
  EXPECT_EQ(redis.command({"HGET", kClicks, "1:a"}), "6");
  EXPECT_EQ(record(), std::nullopt);
}

TEST_F(RedisDecision, DiscardNeedsTheReaderThatReadItAll) {
  auto of = source();
  EXPECT_CODE(internal, discard(*of, nullptr, 1));
  const auto unread = of->open(day(), clicks(*of)).value();
  EXPECT_CODE(internal, discard(*of, unread.get(), 1));
  const auto unstable = of->open(day(), clicks(*of)).value();
  ASSERT_TRUE(read_all(*unstable).ok());
  ASSERT_EQ(unstable->confirm(2).value(), Scan::changed);
  EXPECT_EQ(discard(*of, unstable.get(), 1).value(), Removal::changed);
  const auto other = of->open(day(), of->plan(day()).value().at(1)).value();
  EXPECT_CODE(internal, discard(*of, other.get(), 1));
  EXPECT_TRUE(has(kClicks));
}

TEST_F(RedisDecision, WhenTheAnswerIsLostTheRecordTellsWhetherItWasDiscarded) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::answer);
  auto of = source({{"port", std::to_string(proxy.port())}});
  auto reader = read_clicks(*of);
  EXPECT_EQ(discard(*of, reader.get(), 3).value(), Removal::removed);
  EXPECT_EQ(record(), "3 ad_ctr f1ng3r");

  put(kClicks, "1:a", "5");
  reader = read_clicks(*of);
  EXPECT_EQ(discard(*of, reader.get(), 3).value(), Removal::removed) << "the record was so before";
  EXPECT_FALSE(has(kClicks));
}

TEST_F(RedisDecision, WhenDiscardItselfIsLostNobodyGuesses) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::request);
  auto of = source({{"port", std::to_string(proxy.port())}});
  for (const char* before : {"1 ad_ctr old", "3 ad_ctr f1ng3r"}) {
    set_record(before);
    const auto reader = read_clicks(*of);
    EXPECT_CODE(unavailable, discard(*of, reader.get(), 3));
    EXPECT_TRUE(has(kClicks));
    EXPECT_EQ(record(), before);
  }
}

// ---- record_only

TEST_F(RedisDecision, SetsTheRecordAndLeavesTheKey) {
  auto of = source();
  for (const char* before : {"", "4 other f0", "9 ad_ctr f9", "four"}) {
    redis.command({"DEL", kClicksRecord});
    if (*before != '\0') {
      redis.command({"SET", kClicksRecord, before, "EX", "1000"});
    }
    EXPECT_EQ(record_only(*of, clicks(*of), 2).value(), Removal::removed) << before;
    EXPECT_EQ(record(), "2 ad_ctr f1ng3r") << before;
    EXPECT_EQ(redis.command({"TTL", kClicksRecord}), "-1") << before;
    EXPECT_EQ(redis.command({"HGET", kClicks, "1:a"}), "5") << before;
  }
}

TEST_F(RedisDecision, SetsTheRecordOfAnAbsentKey) {
  redis.command({"DEL", kClicks});
  auto of = source();
  EXPECT_EQ(record_only(*of, clicks(*of), 1).value(), Removal::removed);
  EXPECT_EQ(record(), "1 ad_ctr f1ng3r");
}

TEST_F(RedisDecision, ReplacesARecordOfAnotherType) {
  redis.command({"RPUSH", kClicksRecord, "1"});
  auto of = source();
  EXPECT_EQ(record_only(*of, clicks(*of), 1).value(), Removal::removed);
  EXPECT_EQ(record(), "1 ad_ctr f1ng3r");
}

TEST_F(RedisDecision, DeletesTheRecord) {
  set_record("3 ad_ctr f3");
  auto of = source();
  const Split split = clicks(*of);
  EXPECT_EQ(record_only(*of, split, 0).value(), Removal::removed);
  EXPECT_EQ(record(), std::nullopt);
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(record_only(*of, split, 0).value(), Removal::already_removed);
  EXPECT_EQ(record_only(*of, clicks(*of), 0).value(), Removal::already_removed);
}

TEST_F(RedisDecision, SettingTheRecordTwiceIsOnce) {
  auto of = source();
  const Split split = clicks(*of);
  EXPECT_EQ(record_only(*of, split, 2).value(), Removal::removed);
  EXPECT_EQ(record_only(*of, split, 2).value(), Removal::already_removed);
  EXPECT_EQ(record_only(*of, clicks(*of), 2).value(), Removal::already_removed);
}

TEST_F(RedisDecision, ARecordThatIsNotWhatTheSplitSaysStays) {
  auto of = source();
  struct Race {
    const char* planned;
    const char* found;
  };
  for (const Race& race : {Race{"", "1 other f"}, Race{"1 ad_ctr f1", "2 ad_ctr f2"},
                           Race{"1 ad_ctr f1", "1 ad_ctr f2"}, Race{"1 ad_ctr f1", "four"},
                           Race{"four", "five"}, Race{"four", "1 ad_ctr f1"}}) {
    redis.command({"DEL", kClicksRecord});
    if (*race.planned != '\0') {
      set_record(race.planned);
    }
    const Split split = clicks(*of);
    set_record(race.found);
    EXPECT_EQ(record_only(*of, split, 7).value(), Removal::changed) << race.found;
    EXPECT_EQ(record_only(*of, split, 0).value(), Removal::changed) << race.found;
    EXPECT_EQ(record(), race.found);
  }
}

TEST_F(RedisDecision, ARecordThatIsWrittenJustBeforeExecStays) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::nothing,
                   meanwhile({"SET", kClicksRecord, "1 other f"}));
  auto of = source({{"port", std::to_string(proxy.port())}});
  EXPECT_EQ(record_only(*of, clicks(*of), 2).value(), Removal::changed);
  EXPECT_EQ(record(), "1 other f");
}

TEST_F(RedisDecision, TheSameDecisionJustBeforeExecIsTheSame) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::nothing,
                   meanwhile({"SET", kClicksRecord, "2 ad_ctr f1ng3r"}));
  auto of = source({{"port", std::to_string(proxy.port())}});
  EXPECT_EQ(record_only(*of, clicks(*of), 2).value(), Removal::already_removed);
  EXPECT_EQ(record(), "2 ad_ctr f1ng3r");
}

TEST_F(RedisDecision, CountsMayArriveWhileTheRecordIsSet) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::nothing,
                   meanwhile({"HINCRBY", kClicks, "1:a", "1"}));
  auto of = source({{"port", std::to_string(proxy.port())}});
  EXPECT_EQ(record_only(*of, clicks(*of), 2).value(), Removal::removed);
  EXPECT_EQ(redis.command({"HGET", kClicks, "1:a"}), "6");
}

TEST_F(RedisDecision, WhenTheAnswerIsLostTheRecordTellsWhetherItWasSet) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::answer);
  auto of = source({{"port", std::to_string(proxy.port())}});
  EXPECT_EQ(record_only(*of, clicks(*of), 2).value(), Removal::removed);
  EXPECT_EQ(record(), "2 ad_ctr f1ng3r");
  EXPECT_EQ(record_only(*of, clicks(*of), 0).value(), Removal::removed);
  EXPECT_EQ(record(), std::nullopt);
}

TEST_F(RedisDecision, WhenTheRequestIsLostTheRecordIsAsItWas) {
  LossyProxy proxy(redis.port(), LossyProxy::Loses::request);
  auto of = source({{"port", std::to_string(proxy.port())}});
  set_record("1 ad_ctr f1");
  EXPECT_CODE(unavailable, record_only(*of, clicks(*of), 2));
  EXPECT_CODE(unavailable, record_only(*of, clicks(*of), 0));
  EXPECT_EQ(record(), "1 ad_ctr f1");
}

// ---- both

TEST_F(RedisDecision, AnotherSinkIsRefused) {
  redis.command({"SET", "daymill:ad_ctr:sink", "postgres:1/production/public.t"});
  auto of = source();
  const auto reader = read_clicks(*of);
  EXPECT_CODE(invalid_config, discard(*of, reader.get(), 1));
  EXPECT_CODE(invalid_config, record_only(*of, clicks(*of), 1));
  EXPECT_CODE(invalid_config, record_only(*of, clicks(*of), 0));
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(record(), std::nullopt);
}

TEST_F(RedisDecision, NeverMeansNeverForDecisionsToo) {
  auto of = source({{"remove", "never"}});
  const auto reader = read_clicks(*of);
  EXPECT_CODE(unsupported, discard(*of, reader.get(), 1));
  EXPECT_CODE(unsupported, record_only(*of, clicks(*of), 1));
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(record(), std::nullopt);
}

TEST_F(RedisDecision, WhatCannotBeRecordedIsRefused) {
  auto of = source();
  const auto reader = read_clicks(*of);
  EXPECT_CODE(invalid_argument, discard(*of, reader.get(), -1));
  EXPECT_CODE(invalid_argument, record_only(*of, clicks(*of), -1));
  EXPECT_CODE(unsupported, of->remove(day(), clicks(*of),
                                      decision(static_cast<RemovalKind>(9), reader.get(), 1)));
  EXPECT_CODE(invalid_argument, of->remove(day(), clicks(*of), proof(reader.get(), 0)))
      << "a proof has a generation";
  EXPECT_TRUE(has(kClicks));
}

TEST_F(RedisDecision, OverMaxmemoryNothingIsDecided) {
  auto of = source();
  const auto reader = read_clicks(*of);
  redis.command({"SET", "daymill:ad_ctr:sink", "postgres:7/ads/public.t"});
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_CODE(resource_exhausted, discard(*of, reader.get(), 1));
  EXPECT_CODE(resource_exhausted, record_only(*of, clicks(*of), 1));
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(has(kClicks));
  EXPECT_EQ(record(), std::nullopt);
}

TEST_F(RedisDecision, AfterADecisionRemovalByProofGoesOn) {
  set_record("9 ad_ctr f9");
  auto of = source();
  ASSERT_EQ(record_only(*of, clicks(*of), 1).value(), Removal::removed);
  EXPECT_EQ(clicks(*of).removals, 1);
  const auto reader = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get(), 2)).value(), Removal::removed);
  EXPECT_EQ(record(), "2 ad_ctr f1ng3r");
}

}  // namespace
}  // namespace daymill::redis_hash
