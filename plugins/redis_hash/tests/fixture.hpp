// A real Redis of each test's own, and the source in front of it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings.hpp"
#include "source.hpp"
#include "support/private_redis.hpp"

namespace daymill::redis_hash {

inline constexpr const char* kClicks = "clicklog_keys:20261122";
inline constexpr const char* kImpressions = "viewlog_keys:20261122";
inline constexpr const char* kClicksRecord = "{clicklog_keys:20261122}:daymill";

inline Partition day(std::string_view label = "2026-11-22") {
  Partition partition;
  partition.label = label;
  partition.day = parse_date(label).value();
  return partition;
}

/// The product's own config, with some settings replaced.
inline Config config_with(const std::map<std::string, std::string>& settings,
                          const std::vector<std::pair<std::string, std::string>>& measures = {
                              {"clicks", "clicklog_keys:{date:%Y%m%d}"},
                              {"impressions", "viewlog_keys:{date:%Y%m%d}"}}) {
  std::map<std::string, std::string> all = {{"host", "127.0.0.1"},
                                            {"field", "{ad_id:int64}:{search_word:text}"},
                                            {"remove", "after_load"}};
  for (const auto& [name, value] : settings) {
    all[name] = value;
  }
  std::vector<Config::Entry> entries;
  for (const auto& [name, value] : all) {
    entries.push_back({name, "", value});
  }
  for (const auto& [name, text] : measures) {
    entries.push_back({"measures", name, text});
  }
  return Config(std::move(entries));
}

/// The engine's side: asks to stop after stop_requested() was looked at `after` times.
class StoppingEngine {
 public:
  explicit StoppingEngine(int after) : left_(after) {
    functions_.struct_size = sizeof functions_;
    functions_.self = this;
    functions_.log = [](void*, std::int32_t, daymill_text) {};
    functions_.stop_requested = [](void* self) -> std::int32_t {
      auto* engine = static_cast<StoppingEngine*>(self);
      return engine->left_-- <= 0 ? 1 : 0;
    };
  }
  [[nodiscard]] Host host() const { return Host(&functions_); }
  void stop_after(int looks) { left_ = looks; }

 private:
  int left_;
  daymill_host functions_{};
};

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Reads to the end, a batch at a time.
inline Result<Rows> read_all(Reader& reader) {
  Rows rows;
  BatchBuilder builder(Settings::raw_schema());
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    DAYMILL_ASSIGN(state, reader.read(builder));
    const RecordBatch batch = builder.finish();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      rows.emplace_back(batch.column(0).bytes_at(row), batch.column(1).bytes_at(row));
    }
  }
  return rows;
}

class RedisTest : public ::testing::Test {
 protected:
  /// A source on `redis` (or another port).
  std::unique_ptr<Source> source(std::map<std::string, std::string> settings = {},
                                 Host host = Host()) {
    settings.try_emplace("port", std::to_string(redis.port()));
    auto made = RedisHash::create(config_with(settings), host);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    return made.ok() ? std::move(made).value() : nullptr;
  }
  void put(const std::string& key, const std::string& field, const std::string& value) {
    redis.command({"HSET", key, field, value});
  }
  /// The plan's split of clicks.
  static Split clicks(Source& of) {
    auto splits = of.plan(day());
    EXPECT_TRUE(splits.ok()) << splits.status().to_string();
    return splits.ok() ? splits->at(0) : Split{};
  }
  /// A reader that has read clicks to the end and confirmed it.
  static std::unique_ptr<Reader> read_clicks(Source& of) {
    auto reader = of.open(day(), clicks(of));
    EXPECT_TRUE(reader.ok()) << reader.status().to_string();
    const auto rows = read_all(*reader.value());
    EXPECT_TRUE(rows.ok()) << rows.status().to_string();
    const auto scan = reader.value()->confirm(static_cast<std::int64_t>(rows->size()));
    EXPECT_TRUE(scan.ok()) << scan.status().to_string();
    EXPECT_EQ(*scan, Scan::stable);
    return std::move(reader).value();
  }
  static RemovalProof proof(Reader* reader, std::int64_t generation = 1) {
    return {reader, generation, "f1ng3r", "ad_ctr", "postgres:7/ads/public.t"};
  }
  static RemovalProof decision(RemovalKind kind, Reader* reader, std::int64_t generation) {
    RemovalProof decided = proof(reader, generation);
    decided.kind = kind;
    return decided;
  }

  support::PrivateRedis redis;
};

#define EXPECT_CODE(expected, result)                                    \
  EXPECT_EQ(::daymill::detail::status_of(result).code(), Code::expected) \
      << ::daymill::detail::status_of(result).to_string()

}  // namespace daymill::redis_hash
