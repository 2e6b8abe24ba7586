#include "identifier.hpp"

#include <gtest/gtest.h>

namespace daymill::postgres {
namespace {

TEST(Identifier, QuotesWhateverIsInIt) {
  EXPECT_EQ(quote_name("ads"), "\"ads\"");
  EXPECT_EQ(quote_name("Od \"d\""), "\"Od \"\"d\"\"\"");
  EXPECT_EQ(quote_name("s", "t;--"), "\"s\".\"t;--\"");
  EXPECT_EQ(literal("it's"), "'it''s'");
}

TEST(Identifier, ReadsTableNamesAsWritten) {
  EXPECT_EQ(parse_table_name("Ads")->name, "Ads");
  EXPECT_EQ(parse_table_name("Ads")->schema, "");
  EXPECT_EQ(parse_table_name("shop.ads")->schema, "shop");
  EXPECT_EQ(parse_table_name("\"my.shop\".\"a\"\"d s\"")->schema, "my.shop");
  EXPECT_EQ(parse_table_name("\"my.shop\".\"a\"\"d s\"")->name, "a\"d s");
  for (const std::string bad : {"", ".", "a.", ".b", "a.b.c", "\"a", "\"a\"b", "\"\""}) {
    EXPECT_EQ(parse_table_name(bad).status().code(), Code::invalid_config) << bad;
  }
  EXPECT_TRUE(parse_table_name(std::string(63, 'x')).ok());
  EXPECT_FALSE(parse_table_name(std::string(64, 'x')).ok());
}

TEST(Identifier, TargetNamesAreUnambiguous) {
  EXPECT_EQ(target_name("public", "ads"), "public.ads");
  EXPECT_EQ(target_name("a.b", "c"), "\"a.b\".c");
  EXPECT_EQ(target_name("a", "b.c"), "a.\"b.c\"");
  EXPECT_EQ(target_name("public", "Ads"), "public.\"Ads\"");
}

TEST(Identifier, NewNamesNeverExceed63Bytes) {
  EXPECT_EQ(name_with_suffix("ads", "20261122"), "ads_20261122");
  const std::string exact(54, 'x');
  EXPECT_EQ(name_with_suffix(exact, "20261122"), exact + "_20261122");
  const std::string a = name_with_suffix(std::string(60, 'x') + "a", "20261122");
  const std::string b = name_with_suffix(std::string(60, 'x') + "b", "20261122");
  EXPECT_EQ(a.size(), 63u);
  EXPECT_NE(a, b);
  std::string words;  // three bytes each: the cut must not fall within one
  for (int i = 0; i < 21; ++i) {
    words += "靴";
  }
  const std::string cut = name_with_suffix(words, "20261122");
  EXPECT_LE(cut.size(), 63u);
  EXPECT_EQ((cut.find('_')) % 3, 0u) << cut;
}

TEST(Identifier, StagesOfDifferentPartitionsHaveDifferentPrefixes) {
  const std::string prefix = stage_prefix("public.ads", "2026-11-22");
  EXPECT_EQ(prefix, stage_prefix("public.ads", "2026-11-22"));
  EXPECT_NE(prefix, stage_prefix("public.ads", "2026-11-23"));
  EXPECT_NE(prefix, stage_prefix("public.ad", "s2026-11-22"));
  EXPECT_LE(prefix.size() + 20, kMaxNameBytes);
}

}  // namespace
}  // namespace daymill::postgres
