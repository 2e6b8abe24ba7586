#include "settings.hpp"

#include <gtest/gtest.h>

namespace daymill::postgres {
namespace {

Config config(std::vector<Config::Entry> changed = {}) {
  std::vector<Config::Entry> entries = std::move(changed);
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"host", "db"},
                                                        {"port", "5433"},
                                                        {"database", "shop"},
                                                        {"user", "etl"},
                                                        {"password", "s3cret"},
                                                        {"connect_timeout", "10s"},
                                                        {"statement_timeout", "30m"},
                                                        {"lock_timeout", "1s"},
                                                        {"table", "ads"},
                                                        {"partition_column", "date"}}) {
    entries.push_back({name, "", value});
  }
  return Config(std::move(entries));
}

TEST(Settings, ReadsDurations) {
  const auto settings = read_settings(config({{"lock_timeout", "", "250ms"}}));
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings.value().lock_timeout.count(), 250);
  EXPECT_EQ(settings.value().statement_timeout.count(), 1'800'000);
  EXPECT_EQ(read_settings(config({{"lock_timeout", "", "0"}})).value().lock_timeout.count(), 0);
  for (const std::string bad : {"", "1", "-1s", "1 s", "1d", "s", "99999999h", "1.5s"}) {
    const Status status = read_settings(config({{"lock_timeout", "", bad}})).status();
    EXPECT_EQ(status.code(), Code::invalid_config) << bad;
    EXPECT_NE(status.message().find("lock_timeout"), std::string::npos);
  }
}

TEST(Settings, PlaceNamesEverythingButThePassword) {
  EXPECT_EQ(read_settings(config()).value().place(), "postgres db:5433/shop table ads");
}

TEST(Settings, RefusesKeysThatCannotBe) {
  EXPECT_EQ(read_settings(config({{"key", "0", "ad_id"}, {"key", "1", "ad_id"}})).status().code(),
            Code::invalid_config);
  EXPECT_EQ(read_settings(config({{"create", "", "true"}, {"key", "0", "ad_id"}})).status().code(),
            Code::invalid_config);
}

TEST(Settings, SpecMarksThePasswordSecretAndHostsOperational) {
  const std::string json = settings_spec().json();
  const std::size_t at = json.find("\"name\":\"password\"");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(json.substr(at, json.find('}', at) - at).find("\"secret\":true"), std::string::npos);
  const std::size_t table = json.find("\"name\":\"table\"");
  EXPECT_EQ(json.substr(table, json.find("\"name\"", table + 1) - table).find("identity"),
            std::string::npos);
}

}  // namespace
}  // namespace daymill::postgres
