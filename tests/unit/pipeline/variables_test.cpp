#include "pipeline/variables.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "known_plugins.hpp"

namespace daymill {
namespace {

const VariableLookup kLookup = fixed_variables({{"HOST", "db1"}, {"EMPTY", ""}, {"_X9", "x"}},
                                               {{"/run/secrets/pw", "hunter2"}});

std::string expanded(std::string_view text) {
  const ExpandedText result = expand_text(text, kLookup);
  return result.problems.empty() ? result.text : "problem: " + result.problems.front().message;
}

TEST(Variables, AreReplaced) {
  EXPECT_EQ(expanded("plain $HOST { } $"), "plain $HOST { } $");
  EXPECT_EQ(expanded("${HOST}"), "db1");
  EXPECT_EQ(expanded("a${HOST}b${_X9}c"), "adb1bxc");
  EXPECT_EQ(expanded("${EMPTY}"), "");
  EXPECT_EQ(expanded("${file:/run/secrets/pw}"), "hunter2");
}

TEST(Variables, FallBackToTheDefault) {
  EXPECT_EQ(expanded("${NOPE:-localhost}"), "localhost");
  EXPECT_EQ(expanded("${NOPE:-}"), "");
  EXPECT_EQ(expanded("${EMPTY:-full}"), "full");
  EXPECT_EQ(expanded("${HOST:-other}"), "db1");
  EXPECT_EQ(expanded("${NOPE:-a:-b}"), "a:-b");
}

TEST(Variables, CanBeEscaped) {
  EXPECT_EQ(expanded("$${HOST}"), "${HOST}");
  EXPECT_EQ(expanded("$$${HOST}"), "$${HOST}");
  EXPECT_FALSE(expand_text("$${HOST}", kLookup).replaced);
}

TEST(Variables, AreNamedWhenTheyAreNotSet) {
  const ExpandedText result = expand_text("${NOPE}-${ALSO_NOT}", kLookup);
  ASSERT_EQ(result.problems.size(), 2u);
  EXPECT_EQ(result.problems[0].message, "the variable NOPE is not set");
  EXPECT_EQ(result.problems[0].expression, "${NOPE}");
  EXPECT_EQ(result.problems[1].code, "variables.unset");
}

TEST(Variables, MustBeWellFormed) {
  for (const char* text :
       {"${", "${HOST", "${}", "${9A}", "${A B}", "${A-b}", "${HOST:}", "${ HOST}"})
    EXPECT_EQ(expanded(text).rfind("problem: ", 0), 0u) << text;
}

TEST(Variables, RememberWhatTheyWereMadeOf) {
  EXPECT_FALSE(expand_text("${HOST}", kLookup).literal);
  EXPECT_FALSE(expand_text("${NOPE:-}", kLookup).literal);
  EXPECT_TRUE(expand_text("${HOST:-x}", kLookup).literal);
  EXPECT_TRUE(expand_text("x${HOST}", kLookup).literal);
  const ExpandedText result = expand_text("${HOST:-x}${NOPE:-y}", kLookup);
  ASSERT_EQ(result.uses.size(), 2u);
  EXPECT_TRUE(result.uses[0].set);
  EXPECT_FALSE(result.uses[1].set);
}

TEST(Variables, AreFoundAnywhereInADocument) {
  Findings findings;
  const JsonDocument document = parse_json(
      "p.json", "{\"a\": [{\"b\": \"x${NOPE}y\"}, \"${HOST}\"], \"c\": \"no\"}", findings);
  const ExpandedTexts texts = expand_document(document, kLookup, findings);
  EXPECT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts.at("/a/1").text, "db1");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].pointer, "/a/0/b");
  EXPECT_EQ(findings[0].column, 16u);
  EXPECT_EQ(findings[0].excerpt, "{\"a\": [{\"b\": \"…${NOPE}…\"}, \"…\"], \"c\": \"…\"}");
}

TEST(Variables, WithInvalidUtf8AreRefused) {
  const VariableLookup lookup = fixed_variables({{"BAD", "\xC3\x28"}});
  EXPECT_EQ(expand_text("${BAD}", lookup).problems.front().code, "variables.encoding");
}

class VariableFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("daymill_variables_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::string> read(const std::string& content) {
    const std::string path = folder_ / "value";
    std::ofstream(path, std::ios::binary) << content;
    return read_variable_file(path);
  }

  std::filesystem::path folder_;
};

TEST_F(VariableFile, LosesOneNewlineAtItsEnd) {
  EXPECT_EQ(read("hunter2\n").value(), "hunter2");
  EXPECT_EQ(read("hunter2").value(), "hunter2");
  EXPECT_EQ(read("a\n\n").value(), "a\n");
  EXPECT_EQ(read("").value(), "");
}

TEST_F(VariableFile, MustBeAReadableText) {
  EXPECT_EQ(read_variable_file(folder_ / "nothing").status().code(), Code::not_found);
  EXPECT_EQ(read_variable_file(folder_).status().code(), Code::invalid_config);
  EXPECT_EQ(read(std::string("a\0b", 3)).status().code(), Code::invalid_config);
  EXPECT_EQ(read("\xff").status().code(), Code::invalid_config);
  EXPECT_EQ(read(std::string(70'000, 'x')).status().code(), Code::invalid_config);
  EXPECT_EQ(read("hunter2\xff").status().message().find("hunter2"), std::string::npos);
}

TEST(EnvironmentVariables, ComeFromTheProcess) {
  ASSERT_EQ(::setenv("DAYMILL_VARIABLES_TEST", "v", 1), 0);
  EXPECT_EQ(environment_variables().variable("DAYMILL_VARIABLES_TEST"), "v");
  ASSERT_EQ(::unsetenv("DAYMILL_VARIABLES_TEST"), 0);
  EXPECT_EQ(environment_variables().variable("DAYMILL_VARIABLES_TEST"), std::nullopt);
}

}  // namespace
}  // namespace daymill
