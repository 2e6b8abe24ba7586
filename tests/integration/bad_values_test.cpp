// Fields and counts that nobody should have written: each is kept as a reject with its bytes and
// its reason, under a budget, and the good rows around it land.
#include <algorithm>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

using namespace std::string_literals;

struct BadField {
  std::string field;
  std::string value;
  std::string reason;
};

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

const std::vector<BadField>& bad_fields() {
  static const std::vector<BadField> fields = {
      {"7:negative", "-5", "value.not_count"},
      {"7:signed", "+5", "value.not_count"},
      {"7:fraction", "1.5", "value.not_count"},
      {"7:exponent", "1e3", "value.not_count"},
      {"7:hexadecimal", "0x1F", "value.not_count"},
      {"7:leading zeros", "007", "value.not_count"},
      {"7:space", " 5", "value.not_count"},
      {"7:line end", "5\n", "value.not_count"},
      {"7:words", "five", "value.not_count"},
      {"7:empty", "", "value.not_count"},
      {"7:arabic digits", "٣", "value.not_count"},
      {"7:2^63", "9223372036854775808", "value.too_large"},
      {"7:huge", "123456789012345678901234567890", "value.too_large"},
      {"no separator", "5", "field.no_separator"},
      {"", "5", "field.no_separator"},
      {":no ad id", "5", "field.empty"},
      {"ad:not a number", "5", "field.not_integer"},
      {"+7:signed ad", "5", "field.not_integer"},
      {"07:leading zero", "5", "field.not_integer"},
      {"9223372036854775808:too large", "5", "field.not_integer"},
      {"7:nul\0inside"s, "5", "field.nul"},
      {"7:\xff\xfe bytes", "5", "field.not_utf8"},
      {"7:\xed\xa0\x80 surrogate", "5", "field.not_utf8"},
      {"7:" + std::string(4096, 'x'), "5", "field.too_long"},
  };
  return fields;
}

class BadValues : public AdPipelineTest {
 protected:
  static void set(Event event, const std::string& field, const std::string& value) {
    redis().command({"HSET", key_of(event, kDay), field, value});
  }
};

TEST_F(BadValues, EveryBadFieldIsARejectWithItsBytesAndItsReason) {
  const auto increments = day_of_increments(100);
  record(increments);
  AdCounts counts;
  counts.add(increments);
  std::vector<std::string> expected;
  for (const BadField& bad : bad_fields()) {
    set(Event::click, bad.field, bad.value);
    expected.push_back(key_of(Event::click, kDay) + " " + hex(bad.field + "\t" + bad.value) + " " +
                       bad.reason);
  }
  const auto report = run_report();
  EXPECT_EQ(report["state"], "DONE") << report.dump(2);
  EXPECT_EQ(table_differs_from(counts), "");

  std::vector<std::string> found;
  for (const auto& row :
       query("SELECT split, encode(raw, 'hex'), reason, message FROM daymill.reject"
             " WHERE pipeline = 'ad_ctr' AND partition = '" +
             kDay + "' AND generation = 1")) {
    found.push_back(*row[0] + " " + *row[1] + " " + *row[2]);
    EXPECT_NE(row[3], "") << *row[2];
  }
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);

  const auto rejected = static_cast<std::int64_t>(bad_fields().size());
  EXPECT_EQ(report["rows"]["rejected"], rejected);
  EXPECT_EQ(number("SELECT rejected FROM daymill.load"), rejected);
  EXPECT_EQ(report["sums"]["read"]["clicks"].get<std::int64_t>(),
            report["sums"]["out"]["clicks"].get<std::int64_t>() +
                report["sums"]["rejected"]["clicks"].get<std::int64_t>());
  EXPECT_EQ(report["sums"]["rejected"]["clicks"], 5 * 11) << "of fields whose value is a count";
  EXPECT_EQ(redis_keys(), records_of({kDay}));
  // They are in the snapshot, too: a replay rejects the same.
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.reject"), rejected);
  EXPECT_EQ(number("SELECT count(DISTINCT epoch) FROM daymill.reject"), 1);
}

TEST_F(BadValues, OddButGoodValuesAreKept) {
  AdCounts counts;
  const std::vector<std::pair<AdWord, std::int64_t>> good = {
      {{7, ""}, 1},
      {{7, ":"}, 2},
      {{7, "a:b::c"}, 3},
      {{-7, "negative ad"}, 4},
      {{INT64_MAX, "largest ad"}, 5},
      {{INT64_MIN, "smallest ad"}, 6},
      {{0, "zero"}, 0},
      {{1, "almost 2^63"}, 9'000'000'000'000'000'000},
      {{2, std::string(1024, 'x')}, 8},
      {{3, "tab\tnewline\nquote'\"backslash\\"}, 9},
      {{4, "👩‍👩‍👧"}, 10}};
  for (const auto& [word, value] : good) {
    set(Event::click, std::to_string(word.ad_id) + ":" + word.search_word, std::to_string(value));
    counts.add(Increment{Event::click, word, value});
  }
  const auto report = run_report();
  EXPECT_EQ(report["state"], "DONE") << report.dump(2);
  EXPECT_EQ(report["rows"]["rejected"], 0);
  EXPECT_EQ(table_differs_from(counts), "");
}

TEST_F(BadValues, MoreClicksThanImpressionsAreKeptAndReported) {
  AdCounts counts;
  const std::vector<Increment> increments = {{Event::click, {7, "clicked"}, 5},
                                             {Event::impression, {7, "clicked"}, 2},
                                             {Event::impression, {8, "only shown"}, 2},
                                             {Event::click, {9, "never shown"}, 3}};
  record(increments);
  counts.add(increments);
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 0));
  EXPECT_TRUE(says(result.standard_error, {"2 rows have more clicks than impressions", kDay}));
  EXPECT_EQ(table_differs_from(counts), "");
  EXPECT_EQ(number("SELECT count(*) FROM advertisement_analytics WHERE ctr IS NULL"), 1);
}

class OverBudget : public BadValues {
 protected:
  void expect_nothing_done(const std::string& limit) const {
    const auto result = run_day();
    EXPECT_TRUE(exited(result, 1));
    EXPECT_TRUE(says(result.standard_output, {"TOO_MANY_REJECTS"}));
    EXPECT_TRUE(says(result.standard_error, {"INVALID_DATA", limit, "nothing was loaded",
                                             "field.not_integer", "bad:field"}));
    EXPECT_EQ(number("SELECT count(*) FROM daymill.reject"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM daymill.receipt"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM advertisement_analytics"), 0);
    EXPECT_EQ(redis_keys(),
              (std::vector{key_of(Event::click, kDay), key_of(Event::impression, kDay)}));
  }
};

TEST_F(OverBudget, ByRows) {
  record(day_of_increments(50));
  set(Event::click, "bad:field", "1");
  pipeline["rejects"] = {{"max_rows", 0}, {"max_share", "100%"}};
  expect_nothing_done("rejects.max_rows");
  pipeline["rejects"]["max_rows"] = 1;
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.reject"), 1);
  EXPECT_EQ(redis_keys(), records_of({kDay}));
}

TEST_F(OverBudget, ByShare) {
  record(day_of_increments(50));  // 100 rows in both hashes
  set(Event::click, "bad:field", "1");
  set(Event::click, "bad:field 2", "1");
  pipeline["rejects"] = {{"max_rows", 1000}, {"max_share", "1%"}};
  expect_nothing_done("rejects.max_share");
  pipeline["rejects"]["max_share"] = "2%";
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.reject"), 2);
}

TEST_F(BadValues, SumThatLeaves64BitsLoadsNothing) {
  set(Event::click, "1:a", "9223372036854775807");
  set(Event::click, "2:b", "9223372036854775807");
  const auto result = run_day();
  EXPECT_TRUE(exited(result, 1));
  EXPECT_TRUE(says(result.standard_error, {"INVALID_DATA", "clicks", "int64"}));
  EXPECT_EQ(number("SELECT count(*) FROM advertisement_analytics"), 0);
  EXPECT_EQ(redis().command({"HLEN", key_of(Event::click, kDay)}), "2");
}

TEST_F(BadValues, UnprintableBytesNeverReachATerminal) {
  set(Event::click, "\x1b]0;owned\x07 bad", "\x1b[31m");
  pipeline["rejects"] = {{"max_rows", 0}, {"max_share", "100%"}};
  for (const char* format : {"text", "json"}) {
    const auto result = daymill({"run", write_pipeline(), "--date", kDay, "--log-format", format});
    EXPECT_TRUE(exited(result, 1));
    EXPECT_EQ((result.standard_output + result.standard_error).find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace daymill::integration
