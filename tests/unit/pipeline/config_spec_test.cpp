#include "pipeline/config_spec.hpp"

#include <gtest/gtest.h>

#include "daymill/config.hpp"

namespace daymill {
namespace {

std::string why(const char* json) {
  const auto rules = parse_config_rules(json);
  return rules.ok() ? "ok" : rules.status().to_string();
}

TEST(ConfigRulesTest, ReadWhatTheSdkWrites) {
  const ConfigSpec spec =
      ConfigSpec("Does \"things\"")
          .add(text_field("host", "Host").defaults_to("localhost").operational())
          .add(integer_field("port", "Port").defaults_to(6379).between(1, 65535))
          .add(text_field("password", "Password").secret())
          .add(text_field("mode", "Mode").one_of({"a", "b"}).defaults_to("a"))
          .add(boolean_field("on", "On").defaults_to(true))
          .add(number_field("share", "Share").defaults_to(0.5))
          .add(text_list_field("key", "Key").required().example("[\"date\"]"))
          .add(text_map_field("measures", "Measures"));
  const ConfigRules rules = parse_config_rules(spec.json()).value();
  EXPECT_EQ(rules.summary, "Does \"things\"");
  ASSERT_EQ(rules.fields.size(), 8u);
  EXPECT_FALSE(rules.find("host")->identity);
  EXPECT_EQ(*rules.find("port")->default_value, 6379);
  EXPECT_EQ(*rules.find("port")->maximum, 65535);
  EXPECT_TRUE(rules.find("password")->secret);
  EXPECT_TRUE(rules.find("password")->identity);
  EXPECT_EQ(rules.find("mode")->choices, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*rules.find("on")->default_value, true);
  EXPECT_EQ(rules.find("share")->type, FieldType::number);
  EXPECT_TRUE(rules.find("key")->required);
  EXPECT_EQ(rules.find("key")->example->dump(), "[\"date\"]");
  EXPECT_EQ(rules.find("measures")->type, FieldType::text_map);
  EXPECT_EQ(rules.find("nothing"), nullptr);
}

TEST(ConfigRulesTest, RefuseABrokenSpec) {
  EXPECT_EQ(why("{"),
            "INVALID_CONFIG: broken config spec: it is not a JSON object with a list of fields");
  EXPECT_EQ(why("{\"fields\": 1}"), why("{"));
  EXPECT_EQ(
      why(R"({"fields":[{"type":"text"}]})"),
      "INVALID_CONFIG: broken config spec: every field needs a name (a field without a name)");
  EXPECT_EQ(why(R"({"fields":[{"name":"n","type":"integr"}]})"),
            "INVALID_CONFIG: broken config spec: unknown type \"integr\" (field \"n\")");
  EXPECT_EQ(why(R"({"fields":[{"name":"n","type":"integer","default":"5"}]})"),
            "INVALID_CONFIG: broken config spec: default must be a whole number (field \"n\")");
  EXPECT_EQ(why(R"({"fields":[{"name":"n","type":"text","required":1}]})"),
            "INVALID_CONFIG: broken config spec: required must be true or false (field \"n\")");
  EXPECT_EQ(why(R"({"fields":[{"name":"n","type":"text"},{"name":"n","type":"text"}]})"),
            "INVALID_CONFIG: broken config spec: the field \"n\" is declared twice");
  EXPECT_EQ(
      why(R"({"fields":[{"name":"n","type":"text","required":true,"default":"x"}]})"),
      "INVALID_CONFIG: broken config spec: a required field cannot have a default (field \"n\")");
}

}  // namespace
}  // namespace daymill
