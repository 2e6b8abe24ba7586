#include "hash_scan.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace daymill::redis_hash {
namespace {

std::string bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}

std::string page(std::string_view cursor, const Rows& rows) {
  std::string text = "*2\r\n" + bulk(cursor) + "*" + std::to_string(2 * rows.size()) + "\r\n";
  for (const auto& [field, value] : rows) {
    text += bulk(field) + bulk(value);
  }
  return text;
}

Rows rows_of(BatchBuilder& builder) {
  Rows rows;
  const RecordBatch batch = builder.finish();
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    rows.emplace_back(batch.column(0).bytes_at(row), batch.column(1).bytes_at(row));
  }
  return rows;
}

/// Notes what it hears; wants no rows from a field on, if told so.
struct Heard final : HashScan::Pages {
  std::vector<std::string> cursors;
  std::vector<std::optional<std::string>> first_fields;
  std::optional<std::string> unwanted;

  Result<std::optional<std::string>> page_begins(std::string_view cursor) override {
    cursors.emplace_back(cursor);
    return unwanted;
  }
  void page_ends(std::optional<std::string_view> first_field) override {
    first_fields.push_back(first_field ? std::optional<std::string>(*first_field) : std::nullopt);
  }
};

TEST(HashScan, TakesPiecesOfAnySize) {
  using namespace std::string_literals;
  const Rows first = {{"1:shoes", "5"}, {"", ""}, {"2:\r\n$3\r\n"s, "\0"s}};
  const Rows second = {{std::string(3000, 'f'), std::string(3000, 'v')},
                       {"3:靴", "7"},
                       {std::string(99, 'f'), std::string(100, 'v')}};
  const std::string stream = page("17", first) + page("3", {}) + page("0", second);
  Rows expected = first;
  expected.insert(expected.end(), second.begin(), second.end());
  for (std::size_t size = 1; size <= stream.size(); size = size < 64 ? size + 1 : size * 2) {
    Heard heard;
    HashScan scan(heard);
    BatchBuilder out(Settings::raw_schema());
    Rows rows;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      const std::string piece = stream.substr(at, size);
      ASSERT_TRUE(scan.feed(piece.data(), piece.size(), out).ok()) << size;
      ASSERT_EQ(out.column(0).length(), out.num_rows());
      const Rows some = rows_of(out);
      rows.insert(rows.end(), some.begin(), some.end());
    }
    EXPECT_EQ(rows, expected) << size;
    EXPECT_EQ(scan.rows(), 6);
    EXPECT_EQ(heard.cursors, (std::vector<std::string>{"17", "3", "0"})) << size;
    EXPECT_EQ(heard.first_fields,
              (std::vector<std::optional<std::string>>{"1:shoes", std::nullopt, second[0].first}))
        << size;
  }
}

TEST(HashScan, KnowsTheCursorBeforeTheRows) {
  Heard heard;
  HashScan scan(heard);
  BatchBuilder out(Settings::raw_schema());
  const std::string begin = page("17", {{"1:a", "1"}}).substr(0, 12);
  ASSERT_TRUE(scan.feed(begin.data(), begin.size(), out).ok());
  EXPECT_EQ(heard.cursors, std::vector<std::string>{"17"});
  EXPECT_TRUE(heard.first_fields.empty());
}

TEST(HashScan, LeavesOutWhatIsNotWantedOfAPage) {
  const std::string stream = page("1", {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}) +
                             page("2", {{"c", "3"}, {"a", "1"}}) + page("3", {{"d", "4"}});
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    Heard heard;
    heard.unwanted = "c";
    HashScan scan(heard);
    BatchBuilder out(Settings::raw_schema());
    for (std::size_t at = 0; at < stream.size(); at += size) {
      const std::string piece = stream.substr(at, size);
      ASSERT_TRUE(scan.feed(piece.data(), piece.size(), out).ok()) << size;
    }
    EXPECT_EQ(rows_of(out), (Rows{{"a", "1"}, {"b", "2"}, {"d", "4"}})) << size;
    EXPECT_EQ(scan.rows(), 3);
    EXPECT_EQ(heard.first_fields,
              (std::vector<std::optional<std::string>>{"a", std::nullopt, "d"}));
  }
}

TEST(HashScan, RefusesOtherReplies) {
  for (const char* reply :
       {"*3\r\n", "+OK\r\n", ":1\r\n", "$-1\r\n", "*-1\r\n", "*2\r\n*0\r\n", "*2\r\n:0\r\n",
        "*2\r\n$1\r\n0\r\n*3\r\n", "*2\r\n$1\r\n0\r\n$1\r\n0\r\n", "*2\r\n$1\r\n0\r\n*2\r\n:1\r\n",
        "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n*0\r\n", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\naXX$1\r\nb\r\n",
        "*2\r\n$1\r\n0\r\n*2\r\n$-N\r\n\r\n$1\r\nb\r\n", "%2\r\n",
        "HTTP/1.1 400 Bad Request\r\n"}) {
    Heard heard;
    HashScan scan(heard);
    BatchBuilder out(Settings::raw_schema());
    EXPECT_CODE(unsupported, scan.feed(reply, std::string_view(reply).size(), out)) << reply;
  }
}

TEST(HashScan, PassesServerErrorsOn) {
  Heard heard;
  HashScan scan(heard);
  BatchBuilder out(Settings::raw_schema());
  const std::string_view reply = "-NOPERM no permissions\r\n";
  EXPECT_CODE(permission_denied, scan.feed(reply.data(), reply.size(), out));
}

}  // namespace
}  // namespace daymill::redis_hash
