// A day that lies in many hashes, whatever decides which of them a count is in.
#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

constexpr std::size_t kShards = 4;

class ManyHashes : public AdPipelineTest {
 protected:
  ManyHashes() {
    const std::string range = ":{0.." + std::to_string(kShards - 1) + "}";
    for (const auto& [measure, key] : {std::pair("clicks", "clicklog_keys:{date:%Y%m%d}"),
                                       std::pair("impressions", "viewlog_keys:{date:%Y%m%d}")})
      pipeline["source"]["config"]["measures"][measure] = key + range;
  }

  /// Records a day; `shard_of` says where an increment goes.
  template <typename ShardOf>
  void record_day(std::int64_t fields, const ShardOf& shard_of) {
    std::vector<std::vector<Increment>> shards(kShards);
    for (Increment increment : day_of_increments(fields)) {
      increment.word.search_word += end_of_words_;
      counts_.add(increment);
      shards[shard_of(increment) % kShards].push_back(increment);
    }
    for (std::size_t shard = 0; shard < kShards; ++shard)
      RedisClient(redis().port()).record(kDay, shards[shard], ":" + std::to_string(shard));
  }

  /// Runs the day, and returns what the program said.
  std::string run_and_compare() {
    const auto end = daymill(
        {"run", write_pipeline(), "--date", kDay, "--log-level", "debug", "--output", "json"});
    EXPECT_TRUE(exited(end, 0));
    EXPECT_EQ(table_differs_from(counts_), "");
    EXPECT_EQ(number("SELECT count(*) FROM daymill.receipt"), 2 * kShards);
    EXPECT_EQ(redis().list({"KEYS", "*log_keys:????????:?"}), std::vector<std::string>());
    const std::string rows = table_checksum();
    EXPECT_TRUE(exited(replay_day({"--force"}), 0));
    EXPECT_EQ(table_checksum(), rows) << "from the snapshots";
    return end.standard_error;
  }

  AdCounts counts_;
  std::string end_of_words_;
};

bool is_given_up(const std::string& said) {
  EXPECT_NE(said.find("loading begins while the day is read"), std::string::npos) << said;
  return said.find("is given up") != std::string::npos;
}

/// 34,000 fields in each hash: they are read in stripes.
TEST_F(ManyHashes, LoadsShardAfterShardWhereAnAdIsInOneOfThem) {
  record_day(34'000 * kShards, [](const Increment& one) {
    return static_cast<std::size_t>(one.word.ad_id) + one.word.search_word.size();
  });
  EXPECT_FALSE(is_given_up(run_and_compare()));
}

/// Each with one cursor.
TEST_F(ManyHashes, LoadsSmallShardsToo) {
  record_day(2'000 * kShards, [](const Increment& one) {
    return static_cast<std::size_t>(one.word.ad_id) + one.word.search_word.size();
  });
  EXPECT_FALSE(is_given_up(run_and_compare()));
}

/// As where each web server counts in a hash of its own. Words so long that the loading, however
/// late it begins, must let rows go to the sink before it has seen the last shard.
TEST_F(ManyHashes, AddsUpWhatLiesInSeveralShards) {
  end_of_words_ = std::string(300, 'x');
  std::size_t turn = 0;
  record_day(10'000 * kShards, [&](const Increment& /*one*/) { return turn++; });
  EXPECT_TRUE(is_given_up(run_and_compare()));
}

TEST_F(ManyHashes, MayBeAbsentInPart) {
  record_day(5'000, [](const Increment& one) { return one.event == Event::click ? 1 : 3; });
  const auto end = daymill({"run", write_pipeline(), "--date", kDay});
  EXPECT_TRUE(exited(end, 0));
  EXPECT_EQ(table_differs_from(counts_), "");
  EXPECT_TRUE(says(end.standard_error,
                   {"6 of 8 splits do not exist and count as 0: ", "clicklog_keys:20241122:0 to ",
                    "viewlog_keys:20241122:2"}));
}

}  // namespace
}  // namespace daymill::integration
