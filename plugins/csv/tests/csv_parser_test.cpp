#include "csv_parser.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace daymill::csv {
namespace {

/// Rows as "line: field|field"; an absent field is "~".
struct Seen final : CsvRows {
  std::vector<std::string> rows;
  void row(std::int64_t line, const std::vector<CsvField>& fields) override {
    std::string text = std::to_string(line) + ": ";
    for (std::size_t i = 0; i < fields.size(); ++i) {
      text += (i == 0 ? "" : "|") +
              (fields[i].absent ? std::string("~") : std::string(fields[i].bytes));
    }
    rows.push_back(text);
  }
};

/// Parses the text in pieces of `piece` bytes.
Status parse(std::string_view text, Seen& seen, std::size_t piece = 1000, char delimiter = ',') {
  CsvParser parser(delimiter, '"');
  for (std::size_t i = 0; i < text.size(); i += piece) {
    DAYMILL_TRY(parser.feed(text.substr(i, piece), seen));
  }
  return parser.finish(seen);
}

using Rows = std::vector<std::string>;

TEST(CsvParser, SplitsLinesIntoFields) {
  Seen seen;
  ASSERT_TRUE(parse("a,b\n1,2\n", seen).ok());
  EXPECT_EQ(seen.rows, (Rows{"1: a|b", "2: 1|2"}));
}

TEST(CsvParser, ReadsQuotedDelimitersQuotesAndLineEnds) {
  Seen seen;
  ASSERT_TRUE(parse("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\nx,y,z\n", seen).ok());
  EXPECT_EQ(seen.rows, (Rows{"1: a,b|say \"hi\"|two\nlines", "3: x|y|z"}));
}

TEST(CsvParser, GivesTheSameRowsWhateverThePieces) {
  const std::string text = "\xE6\x97\xA5,\"a\"\"b\r\nc\"\r\n\r\n1,\"\"\r\n,x";
  Seen whole;
  ASSERT_TRUE(parse(text, whole).ok());
  EXPECT_EQ(whole.rows, (Rows{"1: \xE6\x97\xA5|a\"b\r\nc", "4: 1|", "5: ~|x"}));
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    Seen seen;
    ASSERT_TRUE(parse(text, seen, piece).ok());
    EXPECT_EQ(seen.rows, whole.rows) << "pieces of " << piece;
  }
}

TEST(CsvParser, TellsEmptyFromAbsent) {
  Seen seen;
  ASSERT_TRUE(parse(",\"\",\n", seen).ok());
  EXPECT_EQ(seen.rows, (Rows{"1: ~||~"}));
}

TEST(CsvParser, KeepsSpaces) {
  Seen seen;
  ASSERT_TRUE(parse(" a ,\t, \"\n", seen).code() == Code::invalid_data);
  Seen again;
  ASSERT_TRUE(parse(" a ,\t,\" b \"\n", again).ok());
  EXPECT_EQ(again.rows, (Rows{"1:  a |\t| b "}));
}

TEST(CsvParser, CountsEmptyLinesAndAcceptsALastLineWithoutEnd) {
  Seen seen;
  ASSERT_TRUE(parse("\n\na\n\r\n\rb", seen).ok());
  EXPECT_EQ(seen.rows, (Rows{"3: a", "6: b"}));
}

TEST(CsvParser, TakesAnotherDelimiter) {
  Seen seen;
  ASSERT_TRUE(parse("a\tb,c\n", seen, 1000, '\t').ok());
  EXPECT_EQ(seen.rows, (Rows{"1: a|b,c"}));
}

TEST(CsvParser, KeepsNulBytes) {
  Seen seen;
  ASSERT_TRUE(parse(std::string_view("a\0b,c\n", 6), seen).ok());
  EXPECT_EQ(seen.rows, (Rows{std::string("1: a\0b|c", 8)}));
}

TEST(CsvParser, RefusesAQuoteInsideAPlainField) {
  CsvParser parser(',', '"');
  Seen seen;
  const Status status = parser.feed("a,b\nc\"d,e\n", seen);
  EXPECT_EQ(status.code(), Code::invalid_data);
  EXPECT_EQ(parser.line(), 2);
}

TEST(CsvParser, RefusesTextAfterAClosingQuote) {
  Seen seen;
  EXPECT_EQ(parse("\"a\"b\n", seen).code(), Code::invalid_data);
}

TEST(CsvParser, RefusesAnEndInsideQuotes) {
  Seen seen;
  const Status status = parse("a\n\"b\n", seen);
  EXPECT_EQ(status.code(), Code::invalid_data);
  EXPECT_NE(status.message().find("closing quote"), std::string::npos);
}

TEST(CsvParser, RefusesARowWithoutEnd) {
  CsvParser parser(',', '"');
  Seen seen;
  Status status = parser.feed("\"", seen);
  const std::string piece(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 20 && status.ok(); ++i) {
    status = parser.feed(piece, seen);
  }
  EXPECT_EQ(status.code(), Code::invalid_data);
  EXPECT_NE(status.message().find("4 MiB"), std::string::npos);
}

}  // namespace
}  // namespace daymill::csv
