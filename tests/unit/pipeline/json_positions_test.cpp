#include "pipeline/json_positions.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

struct Parsed {
  Findings findings;
  JsonDocument document;

  explicit Parsed(std::string text) : document(parse_json("x.json", std::move(text), findings)) {}

  // "12:7 json.syntax", or "ok".
  std::string first() const {
    if (findings.empty())
      return "ok";
    const Finding& finding = findings.front();
    return std::to_string(finding.line) + ":" + std::to_string(finding.column) + " " + finding.code;
  }
  std::string raw(const std::string& pointer) const {
    return std::string(document.raw(document.value_span(pointer).value()));
  }
};

std::string message(const std::string& text) {
  const Parsed parsed(text);
  return parsed.findings.empty() ? "ok" : parsed.findings.front().message;
}

TEST(JsonPositions, KnowsWhereEveryKeyAndValueStands) {
  const Parsed parsed("{\n  \"a\": [ 1, -2.5e3 , \"x\\\"y\" ],\n  \"b/c~\" : { \"d\": null }\n}\n");
  ASSERT_EQ(parsed.first(), "ok");
  EXPECT_EQ(parsed.raw("/a/0"), "1");
  EXPECT_EQ(parsed.raw("/a/1"), "-2.5e3");
  EXPECT_EQ(parsed.raw("/a/2"), "\"x\\\"y\"");
  EXPECT_EQ(parsed.raw("/a"), "[ 1, -2.5e3 , \"x\\\"y\" ]");
  EXPECT_EQ(parsed.raw("/b~1c~0/d"), "null");
  EXPECT_EQ(parsed.raw("/b~1c~0"), "{ \"d\": null }");
  EXPECT_EQ(parsed.raw("").front(), '{');
  EXPECT_EQ(parsed.raw("").back(), '}');
  const Span key = parsed.document.key_span("/b~1c~0").value();
  EXPECT_EQ(parsed.document.raw(key), "\"b/c~\"");
  EXPECT_EQ(parsed.document.position(key.offset).line, 3u);
  EXPECT_EQ(parsed.document.position(key.offset).column, 3u);
  EXPECT_FALSE(parsed.document.key_span("/a/0"));
  EXPECT_FALSE(parsed.document.value_span("/nothing"));
  EXPECT_EQ(parsed.document.at("/nothing"), nullptr);
  EXPECT_EQ(*parsed.document.at("/a/2"), "x\"y");
}

TEST(JsonPositions, KeepsTheOrderOfTheFile) {
  const Parsed parsed(R"({"z":1,"a":2,"m":3})");
  EXPECT_EQ(parsed.document.root().dump(), R"({"z":1,"a":2,"m":3})");
}

TEST(JsonPositions, CountsColumnsInCodePoints) {
  const Parsed parsed("{\"キー\": \"値\", \"b\": 1}");
  const auto position = parsed.document.position(parsed.document.value_span("/b")->offset);
  EXPECT_EQ(position.line, 1u);
  EXPECT_EQ(position.column, 18u);
}

TEST(JsonPositions, CountsColumnsOfLongLines) {
  for (const std::size_t length : {1000u, 1023u, 1024u, 1025u, 5000u}) {
    std::string text = "[\"";
    for (std::size_t i = 0; i < length; ++i)
      text += "é";
    const Parsed parsed(text + "\",\n1, 2]");
    const JsonDocument& document = parsed.document;
    EXPECT_EQ(document.position(document.value_span("/0")->offset + 1 + 2 * length).column,
              length + 3);
    EXPECT_EQ(document.position(document.value_span("/2")->offset).line, 2u);
    EXPECT_EQ(document.position(document.value_span("/2")->offset).column, 4u);
    EXPECT_EQ(document.position(document.text().size()).column, 6u);
  }
}

TEST(JsonPositions, ReportsDuplicateKeysAtTheSecond) {
  const Parsed parsed("{\n \"a\": 1,\n \"b\": {\"x\": 1, \"x\": 2, \"x\": 3},\n \"a\": 3\n}");
  ASSERT_EQ(parsed.findings.size(), 3u);
  EXPECT_EQ(parsed.first(), "3:16 json.duplicate_key");
  EXPECT_EQ(parsed.findings[0].pointer, "/b/x");
  EXPECT_EQ(parsed.findings[2].line, 4u);
  EXPECT_EQ(parsed.findings[2].suggestion, "keep one of the two; the first is in line 2");
  EXPECT_EQ(*parsed.document.at("/a"), 1);
}

TEST(JsonPositions, LocatesSyntaxErrors) {
  EXPECT_EQ(Parsed("{\n  \"a\": 1,\n}").first(), "2:9 json.syntax");
  EXPECT_EQ(Parsed("{\n  \"a\": 1\n  \"b\": 2\n}").first(), "3:3 json.syntax");
  EXPECT_EQ(Parsed("{\"a\" 1}").first(), "1:6 json.syntax");
  EXPECT_EQ(Parsed("[1, 2").first(), "1:6 json.syntax");
  EXPECT_EQ(Parsed("").first(), "1:1 json.syntax");
  EXPECT_EQ(Parsed("{} x").first(), "1:4 json.syntax");
  EXPECT_EQ(Parsed("{\"a\": 01}").first(), "1:8 json.syntax");
  EXPECT_EQ(Parsed("[1e999]").first(), "1:2 json.syntax");
}

TEST(JsonPositions, ExplainsSyntaxErrors) {
  EXPECT_EQ(message("{\"a\": 1,}"),
            "malformed JSON: a comma must not stand before the closing bracket");
  EXPECT_EQ(message("[1,]"), "malformed JSON: a comma must not stand before the closing bracket");
  EXPECT_EQ(message("{\"a\": 1 \"b\": 2}"),
            "malformed JSON: a comma or a closing bracket is missing before this");
  EXPECT_EQ(message("{\"a\" 1}"), "malformed JSON: a colon must follow the key");
  EXPECT_EQ(message("{\"a\": 'x'}"), "malformed JSON: texts are in double quotes in JSON");
  EXPECT_EQ(message("{'a': 1}"), "malformed JSON: texts are in double quotes in JSON");
  EXPECT_EQ(message("{a: 1}"), "malformed JSON: a key must be in double quotes");
  EXPECT_EQ(message("{\"a\": True}"), "malformed JSON: a bare word is not a JSON value");
  EXPECT_EQ(message("{\"a\": 1} // x"), "malformed JSON: JSON has no comments");
  EXPECT_EQ(message("{ # x\n}"), "malformed JSON: JSON has no comments");
  for (const char* number : {"+1", "01", "-", "1.", ".5", "1e", "0x10", "1.2.3"})
    EXPECT_NE(message("[" + std::string(number) + "]"), "ok") << number;
  EXPECT_EQ(message("{\"a\": 01}"), "malformed JSON: this is not a JSON number");
  EXPECT_EQ(message("{\"a\": +1}"), "malformed JSON: this is not a JSON number");
  EXPECT_EQ(message("{\"a\": truex}"),
            "malformed JSON: a comma or a closing bracket is missing before this");
  EXPECT_EQ(message("{\"a\": \"x\n\"}"), "malformed JSON: the text has no closing quote");
  EXPECT_EQ(message("{\"a\": \"x\t\"}"), "malformed JSON: a control character stands in a text");
  EXPECT_EQ(message("{\"a\": \"\\q\"}"), "malformed JSON: the backslash sequence is not JSON");
  EXPECT_EQ(message("{\"a\": \"\\ud800\"}"), "malformed JSON: the backslash sequence is not JSON");
  EXPECT_EQ(message("{\"a\": \"x"), "malformed JSON: the text has no closing quote");
  EXPECT_EQ(message("{\"a\": [1"), "malformed JSON: the file ends too early");
  EXPECT_EQ(message("  \n "), "malformed JSON: the file is empty");
  EXPECT_EQ(message("[1e999]"), "malformed JSON: the number is too large");
}

TEST(JsonPositions, RefusesWhatIsNotPlainUtf8Text) {
  EXPECT_EQ(Parsed("{\"a\": \"\xC3\x28\"}").first(), "1:8 json.invalid_utf8");
  EXPECT_EQ(Parsed("\xEF\xBB\xBF{}").first(), "1:1 json.byte_order_mark");
  EXPECT_EQ(Parsed("{\"a\": \"x\\u0000y\"}").first(), "1:7 json.nul");
  EXPECT_EQ(Parsed("{\"x\\u0000y\": 1}").first(), "1:2 json.nul");
}

TEST(JsonPositions, FindsInvalidUtf8) {
  EXPECT_FALSE(first_invalid_utf8("plain, é, 日本, 😀"));
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"})
    EXPECT_EQ(first_invalid_utf8(std::string("ab") + text), 2u);
}

TEST(JsonPositions, LimitsSizeAndDepth) {
  EXPECT_EQ(Parsed(std::string(kDeepestDocument, '[') + std::string(kDeepestDocument, ']')).first(),
            "ok");
  EXPECT_EQ(Parsed(std::string(kDeepestDocument + 1, '[')).first(), "1:65 json.too_deep");
  EXPECT_EQ(Parsed(std::string(200000, '[')).first(), "1:65 json.too_deep");
  EXPECT_EQ(Parsed("[" + std::string(kLargestDocument, ' ') + "]").first(), "0:0 json.too_large");
}

}  // namespace
}  // namespace daymill
