#include "snapshot/key_hashes.hpp"

#include <gtest/gtest.h>

#include <random>

namespace daymill {
namespace {

std::vector<std::uint64_t> different_hashes(std::size_t count) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> hashes(count);
  for (std::uint64_t& hash : hashes) {
    hash = random();
  }
  return hashes;
}

KeyHashes filled_with(const std::vector<std::uint64_t>& hashes, std::size_t max = 10'000'000) {
  KeyHashes keys(max);
  keys.add(hashes);
  return keys;
}

TEST(KeyHashes, DifferentHashesDoNotRepeat) {
  for (const std::size_t count : {0, 1, 1000, 3'000'000}) {  // of the last a bucket has parts
    EXPECT_FALSE(filled_with(different_hashes(count)).any_may_repeat()) << count;
  }
}

TEST(KeyHashes, EveryRepeatedHashIsFoundInItsBucket) {
  std::vector<std::uint64_t> hashes = different_hashes(2'000'000);
  hashes.push_back(0);
  for (const std::size_t repeated :
       {std::size_t{0}, std::size_t{1}, std::size_t{1'234'567}, hashes.size() - 1}) {
    KeyHashes keys = filled_with(hashes);
    keys.add(std::span(&hashes[repeated], 1));
    for (std::size_t bucket = 0; bucket < KeyHashes::kBuckets; ++bucket) {
      EXPECT_EQ(keys.may_repeat(bucket), bucket == KeyHashes::bucket_of(hashes[repeated]));
    }
    EXPECT_TRUE(keys.any_may_repeat());
  }
}

TEST(KeyHashes, HashesThatShareNearlyAllBitsAreDifferent) {
  std::vector<std::uint64_t> hashes;
  for (int bit = 0; bit < 64; ++bit) {
    hashes.push_back(std::uint64_t{1} << bit);
  }
  EXPECT_FALSE(filled_with(hashes).any_may_repeat());
}

TEST(KeyHashes, ForgetsWhatIsTooMuchAndKnowsNothingThen) {
  const std::vector<std::uint64_t> hashes = different_hashes(100);
  EXPECT_FALSE(filled_with(hashes, 100).any_may_repeat());
  KeyHashes keys = filled_with(hashes, 99);
  EXPECT_TRUE(keys.may_repeat(0));
  EXPECT_TRUE(keys.any_may_repeat());
}

}  // namespace
}  // namespace daymill
