#include "snapshot/key_hashes.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "support/temporary_folder.hpp"

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

class KeyHashesTest : public ::testing::Test {
 protected:
  /// Whether any of them repeats.
  bool repeats(const std::vector<std::uint64_t>& hashes) {
    KeyHashes keys(folder_.path());
    EXPECT_TRUE(keys.add(hashes).ok());
    const Result<bool> repeats = keys.any_may_repeat();
    EXPECT_TRUE(repeats.ok());
    return *repeats;
  }
  support::TemporaryFolder folder_{"key-hashes"};
};

TEST_F(KeyHashesTest, DifferentHashesDoNotRepeat) {
  for (const std::size_t count : {0, 1, 1000, 3'000'000}) {  // of the last a bucket has parts
    EXPECT_FALSE(repeats(different_hashes(count))) << count;
  }
}

TEST_F(KeyHashesTest, EveryRepeatedHashIsFoundInItsBucket) {
  std::vector<std::uint64_t> hashes = different_hashes(2'000'000);
  hashes.push_back(0);
  for (const std::size_t repeated :
       {std::size_t{0}, std::size_t{1}, std::size_t{1'234'567}, hashes.size() - 1}) {
    KeyHashes keys(folder_.path());
    ASSERT_TRUE(keys.add(hashes).ok());
    ASSERT_TRUE(keys.add(std::span(&hashes[repeated], 1)).ok());
    for (std::size_t bucket = 0; bucket < KeyHashes::kBuckets; ++bucket) {
      const Result<bool> found = keys.may_repeat(bucket);
      ASSERT_TRUE(found.ok());
      EXPECT_EQ(*found, bucket == KeyHashes::bucket_of(hashes[repeated]));
    }
    EXPECT_TRUE(*keys.any_may_repeat());
  }
}

TEST_F(KeyHashesTest, ThatManyRepeatIsKnownAtOnce) {
  const std::vector<std::uint64_t> hashes = different_hashes(10'000'000);  // more than are sampled
  KeyHashes keys(folder_.path());
  ASSERT_TRUE(keys.add(hashes).ok());
  EXPECT_FALSE(keys.sample_repeats());
  ASSERT_TRUE(keys.add(std::span(hashes).first(10'000)).ok());
  EXPECT_TRUE(keys.sample_repeats());
}

TEST_F(KeyHashesTest, HashesThatShareNearlyAllBitsAreDifferent) {
  std::vector<std::uint64_t> hashes;
  for (int bit = 0; bit < 64; ++bit) {
    hashes.push_back(std::uint64_t{1} << bit);
  }
  EXPECT_FALSE(repeats(hashes));
}

TEST_F(KeyHashesTest, LeavesNoFile) {
  KeyHashes keys(folder_.path());
  ASSERT_TRUE(keys.add(different_hashes(100'000)).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(KeyHashesTest, AFewNeedNoFolder) {
  KeyHashes keys(folder_.path() / "absent");
  ASSERT_TRUE(keys.add(different_hashes(1000)).ok());
  EXPECT_FALSE(*keys.any_may_repeat());
}

TEST_F(KeyHashesTest, SaysThatTheFileCannotBeMade) {
  KeyHashes keys(folder_.path() / "absent");
  const Status status = keys.add(different_hashes(100'000));
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_NE(status.message().find("cannot create a temporary file"), std::string::npos);
  EXPECT_EQ(status.where(), (folder_.path() / "absent").string());
}

}  // namespace
}  // namespace daymill
