#include "observe/log.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace daymill {
namespace {

/// What `write` puts on standard error.
template <typename Write>
std::string written(const Write& write) {
  testing::internal::CaptureStderr();
  write();
  return testing::internal::GetCapturedStderr();
}

TEST(LogRedaction, ReplacesEverySecretWhereverItIs) {
  Log log(LogLevel::info, LogFormat::text);
  log.hide({"C@n4ry'\"&%", "", "pass"});
  EXPECT_EQ(log.redact("a C@n4ry'\"&% b C@n4ry'\"&%"), "a *** b ***");
  EXPECT_EQ(log.redact("passpass"), "******");
  EXPECT_EQ(log.redact("nothing to hide"), "nothing to hide");
  EXPECT_EQ(log.redact(""), "");
}

TEST(LogRedaction, LongerSecretsGoFirst) {
  Log log(LogLevel::info, LogFormat::text);
  log.hide({"abcd"});
  log.hide({"abcdefgh"});
  EXPECT_EQ(log.redact("abcdefgh abcd"), "*** ***");
}

TEST(LogRedaction, CoversEveryPartOfAStatus) {
  Log log(LogLevel::info, LogFormat::text);
  log.hide({"s3cret"});
  const Status status =
      log.redact(Status(Code::unavailable, "m s3cret").at("w s3cret").next("n s3cret"));
  EXPECT_EQ(status.code(), Code::unavailable);
  EXPECT_EQ(status.message(), "m ***");
  EXPECT_EQ(status.where(), "w ***");
  EXPECT_EQ(status.next(), "n ***");
  EXPECT_TRUE(log.redact(Status()).ok());
}

TEST(LogLines, AreForPeople) {
  Log log(LogLevel::info, LogFormat::text);
  log.hide({"s3cret"});
  EXPECT_EQ(written([&] { log.write(LogLevel::warning, "engine", "a s3cret word"); }),
            "warning: a *** word\n");
  EXPECT_EQ(written([&] { log.write(LogLevel::info, "redis_hash", "shoes 靴"); }),
            "info: redis_hash: shoes 靴\n");
}

TEST(LogLines, EscapeUntrustedBytes) {
  Log log(LogLevel::info, LogFormat::text);
  const std::string line =
      written([&] { log.write(LogLevel::info, "engine", "\x1b[31m\nfake: line\r\xff"); });
  EXPECT_EQ(line, "info: \\x1b[31m\\x0afake: line\\x0d\\xff\n");
}

TEST(LogLines, KeepQuotesAndWhatWasMadeSafeInThem) {
  Log log(LogLevel::info, LogFormat::text);
  const std::string line = written([&] {
    log.write(LogLevel::info, "engine", R"(server at "127.0.0.1", found "\x00" and "靴")");
  });
  EXPECT_EQ(line, R"(info: server at "127.0.0.1", found "\x00" and "靴")"
                  "\n");
}

TEST(LogLines, BelowTheLowestLevelAreNotWritten) {
  Log log(LogLevel::warning, LogFormat::text);
  EXPECT_EQ(written([&] { log.write(LogLevel::info, "engine", "quiet"); }), "");
}

TEST(LogLines, AsJsonAreOneObjectEachWhateverIsInThem) {
  Log log(LogLevel::debug, LogFormat::json);
  log.hide({"C@n4ry'\"&%"});
  const std::string message = std::string("quote \" back\\slash\n\x1b\0 \xff 靴 C@n4ry'\"&%", 39);
  const std::string line = written([&] { log.write(LogLevel::error, "postgres", message); });
  ASSERT_FALSE(line.empty());
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  const auto entry = nlohmann::json::parse(line);
  EXPECT_EQ(entry["level"], "error");
  EXPECT_EQ(entry["origin"], "postgres");
  EXPECT_EQ(entry["time"].get<std::string>().size(), std::string("2024-11-22T00:00:00Z").size());
  const auto text = entry["message"].get<std::string>();
  EXPECT_NE(text.find("quote \" back\\slash\n"), std::string::npos);
  EXPECT_NE(text.find("靴"), std::string::npos);
  EXPECT_EQ(text.find("C@n4ry"), std::string::npos);
}

}  // namespace
}  // namespace daymill
