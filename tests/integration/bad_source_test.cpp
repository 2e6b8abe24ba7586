// Days on which Redis, or what it holds, is not as it should be.
#include "ad_pipeline.hpp"
#include "support/free_port.hpp"

namespace daymill::integration {
namespace {

class BadSource : public AdPipelineTest {
 protected:
  /// Records some counts, of both events or of one.
  AdCounts record_some(std::initializer_list<Event> events = {Event::click, Event::impression}) {
    std::vector<Increment> increments;
    for (const Increment& increment : day_of_increments(20))
      for (const Event event : events)
        if (increment.event == event)
          increments.push_back(increment);
    record(increments);
    AdCounts counts;
    counts.add(increments);
    return counts;
  }
};

TEST_F(BadSource, RedisThatIsDownIsTheEnvironmentsFault) {
  const int port = support::free_port();
  pipeline["source"]["config"]["port"] = port;
  pipeline["retry"]["attempts"] = 3;
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"UNAVAILABLE", "127.0.0.1:" + std::to_string(port),
                                           "attempt 2 failed as before, trying again in"}));
  EXPECT_TRUE(says(result.standard_output, {"RETRY_WAIT"}));
  const auto status = daymill({"status", "ad_ctr", "--output", "json"});
  const auto runs = nlohmann::json::parse(status.standard_output)["result"]["runs"];
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0]["attempts"], 3);
  EXPECT_EQ(runs[0]["error_code"], "UNAVAILABLE");
  // Once it is back, the same command finishes the day.
  pipeline["source"]["config"]["port"] = redis().port();
  const AdCounts counts = record_some();
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadSource, WrongPasswordIsNotTriedAgain) {
  support::PrivateRedis guarded({"requirepass s3cret-of-redis"});
  pipeline["source"]["config"]["port"] = guarded.port();
  pipeline["source"]["config"]["password"] = "${REDIS_PASSWORD}";
  pipeline["retry"]["attempts"] = 5;
  environment = {{"REDIS_PASSWORD", "wr0ng-password"}};
  auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error,
                   {"UNAUTHENTICATED", std::to_string(guarded.port()), "check user and password"}));
  EXPECT_EQ(result.standard_error.find("wr0ng-password"), std::string::npos);
  EXPECT_EQ(result.standard_error.find("attempt 2"), std::string::npos);
  pipeline["source"]["config"].erase("password");
  result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"UNAUTHENTICATED"}));
}

TEST_F(BadSource, KeyOfAnotherTypeIsNamed) {
  const AdCounts counts = record_some({Event::impression});
  redis().command({"RPUSH", key_of(Event::click, kDay), "a"});
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(
      says(result.standard_error, {"INVALID_DATA", key_of(Event::click, kDay), "list", "hash"}));
  EXPECT_EQ(redis().command({"LLEN", key_of(Event::click, kDay)}), "1");
  redis().command({"DEL", key_of(Event::click, kDay)});
  expect_untouched(counts);
}

TEST_F(BadSource, BothHashesMissingIsAnEmptyDay) {
  const auto report = run_report();
  EXPECT_EQ(report["exit_code"], 0);
  EXPECT_EQ(report["state"], "EMPTY");
  EXPECT_EQ(redis_keys(), std::vector<std::string>());
  EXPECT_EQ(table_differs_from({}), "");
}

TEST_F(BadSource, HashWithoutFieldsIsNoHash) {
  redis().command({"HSET", key_of(Event::click, kDay), "7:shoes", "1"});
  redis().command({"HDEL", key_of(Event::click, kDay), "7:shoes"});
  EXPECT_EQ(run_report()["state"], "EMPTY");
}

TEST_F(BadSource, OneHashMissingCountsAsZeroWithAWarning) {
  for (const Event event : {Event::click, Event::impression}) {
    const std::string day = event == Event::click ? "2024-11-20" : "2024-11-21";
    const Event missing = event == Event::click ? Event::impression : Event::click;
    const std::vector<Increment> increments = {{event, {7, "shoes"}, 3}, {event, {8, ""}, 4}};
    record(increments, day);
    AdCounts counts;
    counts.add(increments);
    const auto result = run_day(day);
    EXPECT_TRUE(exited(result, 0));
    EXPECT_TRUE(says(result.standard_error, {key_of(missing, day), "does not exist", "0"}));
    EXPECT_EQ(table_differs_from(counts, day), "");
  }
}

TEST_F(BadSource, ReplicaIsRefused) {
  const AdCounts counts = record_some();
  support::PrivateRedis replica({"replicaof 127.0.0.1 " + std::to_string(redis().port())});
  pipeline["source"]["config"]["port"] = replica.port();
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"UNAVAILABLE", "master"}));
  expect_untouched(counts);
}

TEST_F(BadSource, RedisWithoutMemoryKeepsItsKeysUntilThereIsSome) {
  AdCounts counts;
  support::PrivateRedis full;
  const auto increments = day_of_increments(200);
  integration::record(full.port(), kDay, increments);
  counts.add(increments);
  pipeline["source"]["config"]["port"] = full.port();
  full.command({"CONFIG", "SET", "maxmemory", "1"});
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 3));
  EXPECT_TRUE(says(result.standard_error, {"RESOURCE_EXHAUSTED", "maxmemory"}));
  EXPECT_EQ(full.command({"HLEN", key_of(Event::click, kDay)}), "200");
  EXPECT_EQ(table_differs_from(counts), "") << "loaded, and only the removal is missing";
  full.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(full.command({"EXISTS", key_of(Event::click, kDay)}), "0");
  EXPECT_EQ(number("SELECT count(*) FROM daymill.load"), 1);
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadSource, FlushedAfterLoadingAndCountedAnewNeedsADecision) {
  pipeline["source"]["config"]["remove"] = "never";
  const AdCounts counts = record_some();
  ASSERT_TRUE(exited(run_day(), 0));
  redis().command({"FLUSHALL"});
  record({{Event::click, {7, "only this"}, 1}});
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(result.standard_error, {"NEEDS_DECISION", "less than what was loaded",
                                           key_of(Event::click, kDay), "--replace"}));
  EXPECT_EQ(table_differs_from(counts), "") << "the day must not be replaced by its crumbs";
}

TEST_F(BadSource, RemovalRecordThatIsNoRecordNeedsADecision) {
  const AdCounts counts = record_some();
  const std::string record_key = "{" + key_of(Event::click, kDay) + "}:daymill";
  redis().command({"SET", record_key, "something else"});
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(result.standard_error, {"NEEDS_DECISION", "removal record"}));
  redis().command({"DEL", record_key});
  expect_untouched(counts);
}

}  // namespace
}  // namespace daymill::integration
