#include "pipeline/config_resolution.hpp"

#include <gtest/gtest.h>

#include "known_plugins.hpp"

namespace daymill {
namespace {

const char* const kSpec = R"({"summary":"s","fields":[
  {"name":"host","type":"text","default":"localhost","identity":false},
  {"name":"port","type":"integer","default":6379,"minimum":1,"maximum":65535},
  {"name":"share","type":"number","minimum":0},
  {"name":"on","type":"boolean"},
  {"name":"mode","type":"text","choices":["never","after_load"]},
  {"name":"key","type":"text_list"},
  {"name":"measures","type":"text_map"},
  {"name":"password","type":"text","secret":true},
  {"name":"table","type":"text","required":true,"description":"Target","example":"hits"}]})";

struct Resolution {
  Findings findings;
  ResolvedConfig config;

  explicit Resolution(const std::string& text) {
    const JsonDocument document = parse_json("p.json", text, findings);
    const VariableLookup lookup = fixed_variables({{"PORT", "7000"},
                                                   {"BAD_PORT", "6379x"},
                                                   {"ON", "true"},
                                                   {"SHARE", "0.25"},
                                                   {"PW", "hunter2"},
                                                   {"MODE", "sometimes"}},
                                                  {{"/pw", "hunter2"}});
    const ExpandedTexts texts = expand_document(document, lookup, findings);
    const ConfigRules rules = parse_config_rules(kSpec).value();
    config = resolve_config(rules, {document, texts, "", true}, findings);
  }

  std::string entries() const {
    std::string text;
    for (const ResolvedEntry& entry : config.entries)
      text += entry.name + (entry.item.empty() ? "" : "[" + entry.item + "]") + "=" +
              entry.shown() + " ";
    return text;
  }
  std::string codes() const {
    std::string text;
    for (const Finding& finding : findings)
      text += finding.code + " ";
    return text;
  }
};

TEST(ConfigResolution, FillsInDefaults) {
  const Resolution resolution(R"({"table":"hits"})");
  EXPECT_EQ(resolution.entries(), "host=localhost port=6379 table=hits ");
  EXPECT_EQ(resolution.codes(), "");
}

TEST(ConfigResolution, FlattensListsAndMaps) {
  const Resolution resolution(
      R"({"table":"t","key":["date","ad_id"],"measures":{"z":"a:{date}","b":"c"},"share":2,"on":false})");
  EXPECT_EQ(resolution.entries(),
            "host=localhost port=6379 share=2 on=false key[0]=date key[1]=ad_id "
            "measures[z]=a:{date} measures[b]=c table=t ");
}

TEST(ConfigResolution, ReadsVariablesAsTheTypeThatIsWanted) {
  const Resolution resolution(
      R"({"table":"${PORT}","port":"${PORT}","on":"${ON}","share":"${SHARE}"})");
  EXPECT_EQ(resolution.entries(), "host=localhost port=7000 share=0.25 on=true table=7000 ");
  EXPECT_EQ(resolution.codes(), "");
}

TEST(ConfigResolution, NeverShowsWhatAVariableHolds) {
  const Resolution resolution(R"({"table":"t","port":"${BAD_PORT}","mode":"${MODE}"})");
  EXPECT_EQ(resolution.codes(), "config.wrong_type config.not_a_choice ");
  const std::string text = to_text(resolution.findings);
  EXPECT_EQ(text.find("6379x"), std::string::npos);
  EXPECT_EQ(text.find("sometimes"), std::string::npos);
  EXPECT_EQ(resolution.findings[0].found, "the value of \"${BAD_PORT}\"");
  EXPECT_EQ(resolution.findings[0].expected, "a whole number");
}

TEST(ConfigResolution, ReportsEveryProblem) {
  const Resolution resolution(
      R"({"hots":"x","port":70000,"share":-1,"on":"yes","mode":"after_laod","key":"date",)"
      R"("measures":["a"]})");
  EXPECT_EQ(resolution.codes(),
            "config.out_of_range config.out_of_range config.wrong_type config.not_a_choice "
            "config.wrong_type config.wrong_type config.missing_key config.unknown_key ");
  EXPECT_EQ(resolution.findings[0].expected, "1 to 65535");
  EXPECT_EQ(resolution.findings[1].expected, "at least 0");
  EXPECT_EQ(resolution.findings[3].suggestion, "did you mean \"after_load\"?");
  EXPECT_EQ(resolution.findings[4].suggestion, "write [\"date\"]");
  EXPECT_EQ(resolution.findings[6].suggestion, "as in \"table\": \"hits\"");
  EXPECT_EQ(resolution.findings[7].suggestion, "did you mean \"host\"?");
}

TEST(ConfigResolution, WantsNumbersWithoutQuotes) {
  const Resolution resolution(R"({"table":5,"port":"6379","host":null,"key":["a",1]})");
  EXPECT_EQ(resolution.codes(),
            "config.wrong_type config.wrong_type config.wrong_type config.wrong_type ");
  EXPECT_EQ(resolution.findings[0].suggestion, "remove the key to leave it out");
  EXPECT_EQ(resolution.findings[1].suggestion, "write 6379 without quotes");
  EXPECT_EQ(resolution.findings[2].found, "the number 1");
  EXPECT_EQ(resolution.findings[3].suggestion, "write \"5\"");
}

TEST(ConfigResolution, RefusesWholeNumbersThatAreNone) {
  for (const char* number : {"1.0", "1e3", "9223372036854775808", "true", "[]"}) {
    const Resolution resolution(std::string(R"({"table":"t","port":)") + number + "}");
    EXPECT_EQ(resolution.codes(), "config.wrong_type ") << number;
  }
}

TEST(ConfigResolution, MarksAndHidesSecrets) {
  const Resolution by_variable(R"({"table":"t","password":"${PW}"})");
  EXPECT_EQ(by_variable.codes(), "");
  ASSERT_EQ(by_variable.config.entries[2].name, "password");
  EXPECT_TRUE(by_variable.config.entries[2].is_secret);
  EXPECT_FALSE(by_variable.config.entries[2].identity);
  EXPECT_EQ(by_variable.config.entries[2].value, "hunter2");
  EXPECT_EQ(by_variable.config.shown["password"], "${PW}");

  const Resolution by_file(R"({"table":"${file:/pw}"})");
  EXPECT_TRUE(by_file.config.entries.back().is_secret);
  EXPECT_EQ(by_file.entries(), "host=localhost port=6379 table=*** ");
}

TEST(ConfigResolution, WarnsOfASecretInTheFile) {
  for (const char* password : {"\"hunter2\"", "\"${NOPE:-hunter2}\"", "\"hunter2${PW}\""}) {
    const Resolution resolution(std::string(R"({"table":"t","password":)") + password + "}");
    EXPECT_EQ(resolution.codes(), "secret.inline ");
    EXPECT_FALSE(has_errors(resolution.findings));
    EXPECT_EQ(to_text(resolution.findings).find("hunter2"), std::string::npos);
    EXPECT_EQ(resolution.config.shown["password"], "***");
    EXPECT_EQ(resolution.config.shown.dump().find("hunter2"), std::string::npos);
  }
  EXPECT_EQ(Resolution(R"({"table":"t","password":""})").codes(), "");
  EXPECT_EQ(Resolution(R"({"table":"t","password":"${NOPE:-}"})").codes(), "");
}

TEST(ConfigResolution, ShowsNoSecretOfTheWrongType) {
  for (const char* password : {"31337", "[\"31337\"]", "{\"a\":\"31337\"}"}) {
    const Resolution resolution(std::string(R"({"table":"t","password":)") + password + "}");
    EXPECT_EQ(resolution.codes(), "config.wrong_type ");
    EXPECT_EQ(to_text(resolution.findings).find("31337"), std::string::npos);
    EXPECT_EQ(resolution.config.shown.dump().find("31337"), std::string::npos);
  }
}

TEST(ConfigResolution, ShowsNoValueOfAnUnknownKey) {
  const Resolution resolution(R"({"table":"t","pasword":"hunter2"})");
  EXPECT_EQ(resolution.findings[0].suggestion, "did you mean \"password\"?");
  EXPECT_EQ(to_text(resolution.findings).find("hunter2"), std::string::npos);
  EXPECT_EQ(resolution.config.shown.dump().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace daymill
