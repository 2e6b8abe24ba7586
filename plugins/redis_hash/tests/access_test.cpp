#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"

namespace daymill::redis_hash {
namespace {

// As README.md lists them under "Access rights".
const std::vector<std::string> kReads = {"ACL",
                                         "SETUSER",
                                         "etl",
                                         "on",
                                         ">c4nary'\"&%",
                                         "resetkeys",
                                         "resetchannels",
                                         "-@all",
                                         "+type",
                                         "+hlen",
                                         "+get",
                                         "+hscan",
                                         "+scan",
                                         "%R~clicklog_keys:*",
                                         "%R~viewlog_keys:*",
                                         "%R~{clicklog_keys:*}:daymill",
                                         "%R~{viewlog_keys:*}:daymill"};
const std::vector<std::string> kRemoves = {"ACL",
                                           "SETUSER",
                                           "etl",
                                           "+watch",
                                           "+multi",
                                           "+exec",
                                           "+unlink",
                                           "+set",
                                           "%RW~clicklog_keys:*",
                                           "%RW~viewlog_keys:*",
                                           "%RW~{clicklog_keys:*}:daymill",
                                           "%RW~{viewlog_keys:*}:daymill",
                                           "%RW~daymill:ad_ctr:sink"};
constexpr const char* kPassword = "c4nary'\"&%";

bool has_line(const std::vector<std::string>& lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

class RedisAccess : public RedisTest {
 protected:
  std::unique_ptr<Source> etl(std::map<std::string, std::string> settings = {}) {
    settings.try_emplace("user", "etl");
    settings.try_emplace("password", kPassword);
    return source(settings);
  }
};

TEST_F(RedisAccess, TheReadingRightsAreEnoughToRead) {
  redis.command(kReads);
  put(kClicks, "1:a", "1");
  auto of = etl({{"remove", "never"}});
  ASSERT_NE(read_clicks(*of), nullptr);
  EXPECT_EQ(of->inventory().value(), std::vector<std::string>{"2026-11-22"});
}

TEST_F(RedisAccess, TheRemovingRightsAreEnoughToRemove) {
  redis.command(kReads);
  redis.command(kRemoves);
  put(kClicks, "1:a", "1");
  auto of = etl();
  auto reader = read_clicks(*of);
  EXPECT_EQ(of->remove(day(), clicks(*of), proof(reader.get())).value(), Removal::removed);
  const Split impressions = of->plan(day()).value().at(1);
  EXPECT_EQ(of->remove(day(), impressions, proof(nullptr)).value(), Removal::removed);
  const auto lines = of->check();
  ASSERT_TRUE(lines.ok()) << lines.status().to_string();
  EXPECT_TRUE(has_line(*lines, "removal is allowed"));
}

TEST_F(RedisAccess, TheRemovingRightsAreEnoughToDecide) {
  redis.command(kReads);
  redis.command(kRemoves);
  auto of = etl();
  for (const std::int64_t generation : {std::int64_t{2}, std::int64_t{0}}) {
    put(kClicks, "1:a", "1");
    redis.command({"SET", kClicksRecord, "1 ad_ctr f"});
    const auto reader = read_clicks(*of);
    EXPECT_EQ(
        of->remove(day(), clicks(*of), decision(RemovalKind::discard, reader.get(), generation))
            .value(),
        Removal::removed);
    redis.command({"SET", kClicksRecord, "1 ad_ctr f"});
    EXPECT_EQ(
        of->remove(day(), clicks(*of), decision(RemovalKind::record_only, nullptr, generation))
            .value(),
        Removal::removed);
  }
}

TEST_F(RedisAccess, EachRightIsNeeded) {
  put(kClicks, "1:a", "1");
  auto whole_round = [&](Source& of) -> Status {
    DAYMILL_TRY(of.inventory());
    DAYMILL_ASSIGN(const auto splits, of.plan(day()));
    DAYMILL_ASSIGN(const auto reader, of.open(day(), splits[0]));
    DAYMILL_ASSIGN(const auto rows, read_all(*reader));
    DAYMILL_TRY(reader->confirm(static_cast<std::int64_t>(rows.size())));
    return detail::status_of(of.remove(day(), splits[0], proof(reader.get())));
  };
  std::vector<std::string> commands;
  for (const auto& rights : {kReads, kRemoves}) {
    std::copy_if(rights.begin(), rights.end(), std::back_inserter(commands),
                 [](const std::string& right) { return right[0] == '+'; });
  }
  for (const std::string& command : commands) {
    redis.command(kReads);
    redis.command(kRemoves);
    redis.command({"ACL", "SETUSER", "etl", "-" + command.substr(1)});
    const Status status = whole_round(*etl());
    EXPECT_EQ(status.code(), Code::permission_denied) << command << ": " << status.to_string();
    EXPECT_EQ(redis.command({"EXISTS", kClicks}), "1") << command;
  }
}

TEST_F(RedisAccess, AReaderMayNotRemove) {
  redis.command(kReads);
  redis.command({"ACL", "SETUSER", "etl", "+watch", "+multi", "+exec", "+unlink", "+set",
                 "%RW~daymill:ad_ctr:sink"});
  put(kClicks, "1:a", "1");
  auto of = etl();
  auto reader = read_clicks(*of);
  const auto removal = of->remove(day(), clicks(*of), proof(reader.get()));
  EXPECT_CODE(permission_denied, removal);
  EXPECT_NE(removal.status().next().find("Access rights"), std::string::npos);
  EXPECT_EQ(redis.command({"EXISTS", kClicks}), "1");
  EXPECT_TRUE(has_line(of->check().value(), "error: removal would fail: NOPERM"));
}

TEST_F(RedisAccess, APasswordIsNeverRepeated) {
  redis.command(kReads);
  const auto wrong = etl({{"password", "wr0ng-canary"}})->plan(day());
  EXPECT_CODE(unauthenticated, wrong);
  const auto unknown = etl({{"user", "nobody"}})->plan(day());
  EXPECT_CODE(unauthenticated, unknown);
  support::PrivateRedis renamed({"rename-command AUTH \"\""});
  const auto quoted = etl({{"port", std::to_string(renamed.port())}})->plan(day());
  EXPECT_FALSE(quoted.ok());
  support::PrivateRedis open;
  const auto needless = etl({{"port", std::to_string(open.port())}, {"user", ""}})->plan(day());
  EXPECT_CODE(unauthenticated, needless);
  for (const Status& status :
       {wrong.status(), unknown.status(), quoted.status(), needless.status()}) {
    const std::string all = status.to_string() + status.next();
    EXPECT_EQ(all.find("canary"), std::string::npos) << all;
    EXPECT_EQ(all.find("c4nary"), std::string::npos) << all;
  }
}

TEST_F(RedisAccess, AMissingPasswordIsSaid) {
  support::PrivateRedis closed({"requirepass s3cret"});
  const std::string port = std::to_string(closed.port());
  EXPECT_CODE(unauthenticated, source({{"port", port}})->plan(day()));
  EXPECT_TRUE(source({{"port", port}, {"password", "s3cret"}})->plan(day()).ok());
}

TEST_F(RedisAccess, ChecksWhatMayLoseCounts) {
  put(kClicks, "1:a", "1");
  put(kImpressions, "1:a", "1");
  const auto good = source()->check();
  ASSERT_TRUE(good.ok()) << good.status().to_string();
  EXPECT_FALSE(has_line(*good, "error:"));
  EXPECT_FALSE(has_line(*good, "warning:"));
  EXPECT_TRUE(has_line(*good, "keys of 1 days, the newest 2026-11-22"));
  redis.command({"EXPIRE", kImpressions, "1000"});
  redis.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  const auto bad = source()->check().value();
  EXPECT_TRUE(has_line(bad, "error: maxmemory-policy is allkeys-lru"));
  EXPECT_TRUE(has_line(bad, std::string("error: key ") + kImpressions + " expires in"));
  const auto harmless = source({{"remove", "never"}})->check().value();
  EXPECT_FALSE(has_line(harmless, "error:"));
  EXPECT_TRUE(has_line(harmless, "warning: maxmemory-policy is allkeys-lru"));
}

TEST_F(RedisAccess, SaysWhatItCouldNotCheck) {
  redis.command(kReads);
  redis.command(kRemoves);
  put(kClicks, "1:a", "1");
  const auto lines = etl()->check();
  ASSERT_TRUE(lines.ok()) << lines.status().to_string();
  EXPECT_TRUE(has_line(*lines, "warning: maxmemory-policy was not checked"));
  EXPECT_TRUE(has_line(*lines, "warning: time to live was not checked"));
  redis.command({"ACL", "SETUSER", "etl", "-scan"});
  EXPECT_TRUE(has_line(etl()->check().value(), "warning: keys were not looked at"));
}

TEST_F(RedisAccess, TheCheckChangesNothing) {
  put(kClicks, "1:a", "1");
  put("clicklog_keys:19700101", "1:a", "1");
  const auto before = redis.command({"DBSIZE"});
  ASSERT_TRUE(source()->check().ok());
  EXPECT_EQ(redis.command({"DBSIZE"}), before);
  EXPECT_EQ(redis.command({"EXISTS", "clicklog_keys:19700101"}), "1");
}

}  // namespace
}  // namespace daymill::redis_hash
