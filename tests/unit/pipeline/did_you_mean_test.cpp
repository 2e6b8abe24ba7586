#include "pipeline/did_you_mean.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

TEST(DidYouMean, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("table", "tabel"), 1u);
  EXPECT_EQ(edit_distance("host", "hosts"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(DidYouMean, FindsTheNearest) {
  const std::vector<std::string> keys{"host", "port", "table", "partition_column", "key"};
  EXPECT_EQ(closest("tabel", keys), "table");
  EXPECT_EQ(closest("Host", keys), "host");
  EXPECT_EQ(closest("prot", keys), "port");
  EXPECT_EQ(closest("partition_colunm", keys), "partition_column");
  EXPECT_EQ(closest("partition", keys), "partition_column");
  EXPECT_EQ(closest("keys", keys), "key");
  EXPECT_EQ(closest("colour", keys), "");
  EXPECT_EQ(closest("", keys), "");
  EXPECT_EQ(closest(std::string(5000, 'x'), keys), "");
}

TEST(DidYouMean, TakesAPrefixOnlyWhenItIsTheOnlyOne) {
  EXPECT_EQ(closest("redis", {"redis_hash", "csv"}), "redis_hash");
  EXPECT_EQ(closest("redis", {"redis_hash", "redis_stream"}), "");
  EXPECT_EQ(closest("postgresql", {"postgres", "csv"}), "postgres");
}

TEST(DidYouMean, IsASentence) {
  EXPECT_EQ(did_you_mean("tabel", {"table"}), "did you mean \"table\"?");
  EXPECT_EQ(did_you_mean("colour", {"table"}), "");
}

}  // namespace
}  // namespace daymill
