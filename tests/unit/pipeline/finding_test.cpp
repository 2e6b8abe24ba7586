#include "pipeline/finding.hpp"

#include <gtest/gtest.h>

#include "pipeline/json_excerpt.hpp"

namespace daymill {
namespace {

JsonDocument document(const std::string& text) {
  Findings findings;
  return parse_json("p.json", text, findings);
}

// The excerpt and, below it, the carets.
std::string excerpt(const Finding& finding) {
  return finding.excerpt + "\n" + std::string(finding.caret_column - 1, ' ') +
         std::string(finding.caret_length, '^');
}

TEST(FindingTest, IsRenderedForPeople) {
  Finding finding = finding_at_key(document("{\n  \"tabel\": \"hits\"\n}"), "/tabel",
                                   "config.unknown_key", "unknown key \"tabel\"");
  finding.suggestion = "did you mean \"table\"?";
  EXPECT_EQ(to_text(finding),
            "p.json:2:3: error: unknown key \"tabel\" (config.unknown_key)\n"
            "  at /tabel\n"
            "  2 |   \"tabel\": \"…\"\n"
            "    |   ^~~~~~~\n"
            "  did you mean \"table\"?\n");
}

TEST(FindingTest, IsRenderedForPrograms) {
  Finding finding = finding_at_value(document("{\"a\": 5}"), "/a", "c", "m");
  finding.severity = Severity::warning;
  EXPECT_EQ(to_json(Findings{finding}).dump(),
            R"([{"code":"c","severity":"warning","file":"p.json","line":1,"column":7,)"
            R"("pointer":"/a","message":"m","found":"","expected":"","suggestion":""}])");
}

TEST(FindingTest, ListEndsWithTheirNumber) {
  Finding error;
  error.code = "x";
  error.message = "m";
  Finding warning = error;
  warning.severity = Severity::warning;
  EXPECT_EQ(to_text(Findings{error}), "error: m (x)\n\n1 error\n");
  EXPECT_EQ(to_text(Findings{error, warning, warning}),
            "error: m (x)\n\nwarning: m (x)\n\nwarning: m (x)\n\n1 error, 2 warnings\n");
  EXPECT_EQ(to_text(Findings{}), "");
  EXPECT_TRUE(has_errors({warning, error}));
  EXPECT_FALSE(has_errors({warning}));
}

TEST(FindingTest, QuotesWhatAFileHeldSafely) {
  EXPECT_EQ(in_quotes("a\"b\\\x1b[31m\n"), "\"a\\\"b\\\\\\u001b[31m\\u000a\"");
  EXPECT_EQ(in_quotes(std::string(100, 'x')), "\"" + std::string(80, 'x') + "…\"");
}

TEST(Excerpt, ShowsOnlyTheValueItIsAbout) {
  const JsonDocument line =
      document(R"({ "host": "h1", "password": "hunter2", "port": 70000, "on": true })");
  EXPECT_EQ(excerpt(finding_at_value(line, "/port", "c", "m")),
            "{ \"host\": \"…\", \"password\": \"…\", \"port\": 70000, \"on\": true }\n"
            "                                        ^^^^^");
  EXPECT_EQ(excerpt(finding_at_value(line, "/host", "c", "m")),
            "{ \"host\": \"h1\", \"password\": \"…\", \"port\": …, \"on\": true }\n"
            "          ^^^^");
  EXPECT_EQ(excerpt(finding_at_value(line, "/password", "c", "m", Show::nothing)),
            "{ \"host\": \"…\", \"password\": \"…\", \"port\": …, \"on\": true }\n"
            "                           ^^^");
}

TEST(Excerpt, OfAnObjectDoesNotShowWhatIsInIt) {
  const JsonDocument line = document(R"({ "password": { "value": "hunter2" } })");
  EXPECT_EQ(excerpt(finding_at_value(line, "/password", "c", "m")),
            "{ \"password\": { \"value\": \"…\" } }\n              ^");
}

TEST(Excerpt, ShowsNoValueOfMalformedText) {
  for (const char* text : {R"({ "password": "hunter2" "host": 1 })", R"({ "password": hunter2 })",
                           R"({ "password": 'hunter2' })", R"({ "password": "hunter2)",
                           R"({ "password": "hunter2": 1 })", R"({ "password": "hunter2\q" })",
                           R"({ "password": "x" } hunter2)", R"({ "a": "hunter2",, })"}) {
    Findings findings;
    parse_json("p.json", text, findings);
    ASSERT_EQ(findings.size(), 1u) << text;
    EXPECT_EQ(to_text(findings).find("hunter2"), std::string::npos) << to_text(findings);
  }
}

TEST(Excerpt, CutsLongLinesAroundTheCaret) {
  std::string text = "[";
  for (int i = 0; i < 200; ++i)
    text += "[],";
  const JsonDocument line = document(text + "12345" + std::string(300, ' ') + "]");
  const Finding finding = finding_at_value(line, "/200", "c", "m");
  EXPECT_EQ(finding.column, 602u);
  EXPECT_EQ(finding.excerpt.rfind("…", 0), 0u);
  EXPECT_EQ(finding.caret_column, 42u);
  EXPECT_EQ(finding.caret_length, 5u);
}

}  // namespace
}  // namespace daymill
