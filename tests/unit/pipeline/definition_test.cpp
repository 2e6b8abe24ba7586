#include "pipeline/definition.hpp"

#include <gtest/gtest.h>

#include "known_plugins.hpp"

namespace daymill {
namespace {

std::string digest(const std::string& text, std::map<std::string, std::string> variables = {}) {
  const LoadedPipeline loaded =
      parse_pipeline("p.json", text, known_plugin, fixed_variables(std::move(variables)));
  EXPECT_TRUE(loaded.ok()) << to_text(loaded.findings);
  return config_digest(loaded.definition);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = ad_ctr_pipeline();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// The value is in receipts: it must be the same on every machine and in every release.
TEST(ConfigDigest, IsStable) {
  EXPECT_EQ(digest(ad_ctr_pipeline()), "4db0bf1049fc6d710e0d088073e13d0e");
}

TEST(ConfigDigest, StaysWhenOnlyTheWayToTheServersChanges) {
  const std::string before = digest(ad_ctr_pipeline());
  EXPECT_EQ(digest(ad_ctr_pipeline(), {{"REDIS_HOST", "r2"},
                                       {"REDIS_PORT", "1"},
                                       {"POSTGRES_PASSWORD", "x"},
                                       {"POSTGRES_USER", "u"}}),
            before);
  EXPECT_EQ(digest(changed("\"1%\"", "\"2%\"")), before);
  EXPECT_EQ(digest(changed("\"name\": \"ad_ctr\"", "\"name\": \"other\"")), before);
  EXPECT_EQ(digest(changed("\"30 0 * * *\"", "\"45 0 * * *\"")), before);
  EXPECT_EQ(digest(changed("\"remove\": \"after_load\"", "\"remove\":\"after_load\"")), before);
}

TEST(ConfigDigest, StaysWhenSettingsChangePlaces) {
  EXPECT_EQ(digest(changed(R"("clicks": "clicks", "impressions": "impressions", "as": "ctr")",
                           R"("as": "ctr", "impressions": "impressions", "clicks": "clicks")")),
            digest(ad_ctr_pipeline()));
  EXPECT_EQ(digest(changed(R"("clicks": "clicks", "impressions": "impressions", "as": "ctr")", "")),
            digest(ad_ctr_pipeline()));
}

TEST(ConfigDigest, ChangesWithWhatMakesTheRows) {
  const std::string before = digest(ad_ctr_pipeline());
  EXPECT_NE(digest(changed("clicklog_keys", "clicks_of_day")), before);
  EXPECT_NE(digest(changed("{ad_id:int64}:{search_word:text}", "{ad_id:int64}")), before);
  EXPECT_NE(digest(changed("\"as\": \"ctr\"", "\"as\": \"rate\"")), before);
  EXPECT_NE(digest(changed("\"advertisement_analytics\"", "\"other\"")), before);
  EXPECT_NE(digest(changed("[\"date\", \"ad_id\"", "[\"ad_id\", \"date\"")), before);
  EXPECT_NE(digest(changed("Asia/Tokyo", "Asia/Seoul")), before);
  EXPECT_NE(digest(changed("\"transforms\": [", "\"transforms\": [ {\"plugin\":\"ctr\"}, ")),
            before);
}

}  // namespace
}  // namespace daymill
