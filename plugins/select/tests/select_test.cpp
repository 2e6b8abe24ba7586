#include "select.hpp"

#include <gtest/gtest.h>

#include "support/text_rows.hpp"

namespace daymill::select {
namespace {

using support::TextRow;
using support::TextRows;
using support::TransformRun;

const Schema kRows{{{"ad_id", Type::int64, Role::key, false},
                    {"search_word", Type::text, Role::key, false},
                    {"clicks", Type::int64, Role::measure, true},
                    {"impressions", Type::int64, Role::measure, true},
                    {"note", Type::text, Role::attribute, true}}};

std::vector<Config::Entry> columns(const std::vector<std::string>& items) {
  std::vector<Config::Entry> entries;
  for (std::size_t i = 0; i < items.size(); ++i) {
    entries.push_back({"columns", std::to_string(i), items[i]});
  }
  return entries;
}

TransformRun select(const std::vector<std::string>& items, const Schema& in,
                    const std::vector<TextRows>& batches) {
  return support::run_transform<Select>(columns(items), in, batches);
}

Status refusal(const std::vector<std::string>& items, const Schema& in = kRows) {
  return select(items, in, {}).status;
}

TEST(Select, KeepsRenamesAndReorders) {
  const TransformRun run =
      select({"search_word as word", "clicks", "ad_id"}, kRows,
             {{{"7", "shoes", "3", "10", "x"}, {"8", "", "NULL", "1", "NULL"}}});
  ASSERT_TRUE(run.status.ok()) << run.status.to_string();
  EXPECT_EQ(run.schema, (Schema{{{"word", Type::text, Role::key, false},
                                 {"clicks", Type::int64, Role::measure, true},
                                 {"ad_id", Type::int64, Role::key, false}}}));
  EXPECT_EQ(run.rows, (TextRows{{"shoes", "3", "7"}, {"", "NULL", "8"}}));
}

TEST(Select, CopiesNothingThatItDoesNotCast) {
  const auto transform =
      std::move(
          Select::create(Config(columns({"search_word", "ad_id", "search_word as word"})), Host()))
          .value();
  const Schema out_schema = transform->bind(kRows).value();
  auto lane = std::move(transform->open(Partition{})).value();
  RecordBatch in = support::batch_of(kRows, {{"7", "shoes", "3", "10", "x"}});
  const char* const words = in.column(1).bytes();
  const std::int64_t* const ads = in.column(0).int64s();
  support::TextEmitter out(out_schema);
  ASSERT_TRUE(lane->process(std::move(in), out).ok());
  ASSERT_EQ(out.batches.size(), 1u);
  EXPECT_EQ(out.batches[0].column(0).bytes(), words);
  EXPECT_EQ(out.batches[0].column(1).int64s(), ads);
  EXPECT_EQ(out.batches[0].column(2).bytes(), words);
  EXPECT_EQ(out_schema.fields[0].role, Role::key);
  EXPECT_EQ(out_schema.fields[2].role, Role::attribute) << "the same key twice says no more";
}

TEST(Select, EmptyBatchGivesNothing) {
  const TransformRun run = select({"ad_id", "search_word::text"}, kRows, {{}, {}});
  ASSERT_TRUE(run.status.ok());
  EXPECT_TRUE(run.rows.empty());
}

struct CastCase {
  Type from;
  Type to;
  TextRow values;
  TextRow expected;  // of those that can be cast
  std::vector<std::string> rejected = {};
};

TEST(Select, CastsWhatMeansTheSameAndRejectsTheRest) {
  const CastCase cases[] = {
      {Type::int64,
       Type::float64,
       {"0", "-7", "NULL", "9007199254740993"},
       {"0", "-7", "NULL"},
       {"3 cast.float64: column \"new\": found 9007199254740993, expected an integer from -2^53 to "
        "2^53"}},
      {Type::int64,
       Type::text,
       {"0", "-9223372036854775808", "NULL"},
       {"0", "-9223372036854775808", "NULL"}},
      {Type::int64,
       Type::boolean,
       {"0", "1", "2"},
       {"false", "true"},
       {"2 cast.bool: column \"new\": found 2, expected 0 or 1"}},
      {Type::float64,
       Type::int64,
       {"3", "-2", "0.5", "nan", "1e300", "9223372036854775808", "-9223372036854775808"},
       {"3", "-2", "-9223372036854775808"},
       {"2 cast.int64: column \"new\": found 0.5, expected a whole number from -2^63 to 2^63-1",
        "3 cast.int64: column \"new\": found NaN, expected a whole number from -2^63 to 2^63-1",
        "4 cast.int64: column \"new\": found 1e+300, expected a whole number from -2^63 to 2^63-1",
        "5 cast.int64: column \"new\": found 9223372036854775808, expected a whole number from "
        "-2^63 "
        "to 2^63-1"}},
      {Type::float64,
       Type::text,
       {"0.1", "inf", "NULL"},
       {"0.1", "NULL"},
       {"1 cast.text: column \"new\": found infinity, expected a finite number"}},
      {Type::boolean, Type::int64, {"true", "false", "NULL"}, {"1", "0", "NULL"}},
      {Type::boolean, Type::text, {"true", "false"}, {"true", "false"}},
      {Type::text,
       Type::int64,
       {"12", "007", "NULL"},
       {"12", "NULL"},
       {"1 cast.int64: column \"new\": found \"007\", expected a decimal integer from -2^63 to "
        "2^63-1 "
        "without plus sign, leading zero, fraction or exponent"}},
      {Type::text,
       Type::float64,
       {"1e3", "0x1"},
       {"1000"},
       {"1 cast.float64: column \"new\": found \"0x1\", expected a finite decimal number"}},
      {Type::text,
       Type::boolean,
       {"true", "TRUE"},
       {"true"},
       {"1 cast.bool: column \"new\": found \"TRUE\", expected true or false"}},
      {Type::text,
       Type::date,
       {"2024-02-29", "2026-02-29"},
       {"2024-02-29"},
       {"1 cast.date: column \"new\": found \"2026-02-29\", expected a date that exists, as "
        "2026-11-22"}},
      {Type::text,
       Type::timestamp,
       {"2026-11-22T15:04:05.25Z", ""},
       {"2026-11-22T15:04:05.25Z"},
       {"1 cast.timestamp: column \"new\": found \"\", expected a UTC time, as "
        "2026-11-22T15:04:05Z"}},
      {Type::text, Type::binary, {"靴", ""}, {"靴", ""}},
      {Type::binary,
       Type::text,
       {"靴", "\xff"},
       {"靴"},
       {"1 cast.text: column \"new\": found \"\\xff\", expected UTF-8"}},
      {Type::date, Type::text, {"0001-01-01", "NULL"}, {"0001-01-01", "NULL"}},
      {Type::date, Type::timestamp, {"1969-12-31"}, {"1969-12-31T00:00:00Z"}},
      {Type::timestamp, Type::text, {"2026-11-22T15:04:05Z"}, {"2026-11-22T15:04:05Z"}},
      {Type::timestamp,
       Type::date,
       {"1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z"},
       {"1969-12-31", "1970-01-01"}},
  };
  for (const CastCase& c : cases) {
    SCOPED_TRACE(std::string(type_name(c.from)) + " to " + type_name(c.to));
    const Schema in{{{"old", c.from, Role::attribute, true}}};
    TextRows given;
    TextRows expected;
    for (const std::string& value : c.values)
      given.push_back({value});
    for (const std::string& value : c.expected)
      expected.push_back({value});
    const TransformRun run =
        select({std::string("old::") + type_name(c.to) + " as new"}, in, {given});
    ASSERT_TRUE(run.status.ok()) << run.status.to_string();
    EXPECT_EQ(run.schema.fields[0], (Field{"new", c.to, Role::attribute, true}));
    EXPECT_EQ(run.rows, expected);
    EXPECT_EQ(run.rejects, c.rejected);
  }
}

TEST(Select, RejectsARowOnceWithItsFirstProblem) {
  const Schema in{
      {{"a", Type::text, Role::attribute, true}, {"b", Type::text, Role::attribute, true}}};
  const TransformRun run =
      select({"a::int64", "b::int64"}, in, {{{"x", "y"}, {"1", "2"}, {"3", "y"}}});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.rows, (TextRows{{"1", "2"}}));
  ASSERT_EQ(run.rejects.size(), 2u);
  EXPECT_EQ(run.rejects[0].substr(0, 24), "0 cast.int64: column \"a\"");
  EXPECT_EQ(run.rejects[1].substr(0, 24), "2 cast.int64: column \"b\"");
}

TEST(Select, RowsThatAreAllRejectedGiveNoBatch) {
  const Schema in{{{"a", Type::text, Role::attribute, true}}};
  const auto transform = std::move(Select::create(Config(columns({"a::int64"})), Host())).value();
  const Schema out_schema = transform->bind(in).value();
  auto lane = std::move(transform->open(Partition{})).value();
  support::TextEmitter out(out_schema);
  ASSERT_TRUE(lane->process(support::batch_of(in, {{"x"}}), out).ok());
  EXPECT_TRUE(out.batches.empty());
  EXPECT_EQ(out.rejects.size(), 1u);
}

TEST(Select, MeasureThatIsNoLongerInt64IsAnAttribute) {
  const TransformRun run = select({"ad_id", "search_word", "clicks::float64"}, kRows, {});
  ASSERT_TRUE(run.status.ok());
  EXPECT_EQ(run.schema.fields[2], (Field{"clicks", Type::float64, Role::attribute, true}));
}

TEST(Select, RefusesToLeaveOutAKey) {
  const Status status = refusal({"ad_id", "clicks"});
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_NE(status.message().find("the key \"search_word\" is left out"), std::string::npos);
  EXPECT_NE(status.next().find("aggregate"), std::string::npos);
}

TEST(Select, NamesTheColumnThatWasMeant) {
  const Status status = refusal({"ad_id", "search_word", "klicks"});
  EXPECT_EQ(status.code(), Code::schema_mismatch);
  EXPECT_EQ(status.message(),
            "select: `columns` names the column \"klicks\", which the rows do not have; they have "
            "ad_id, search_word, clicks, impressions, note");
  EXPECT_EQ(status.next(), "did you mean \"clicks\"?");
}

TEST(Select, RefusesWhatCannotBe) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"ad_id", "search_word", "clicks", "note as clicks"}, "two columns are called \"clicks\""},
      {{"ad_id", "search_word", "clicks as impressions"}, "takes the name of the measure"},
      {{"ad_id", "search_word", "clicks::date"}, "of type int64 cannot become date"},
      {{"ad_id::float64", "search_word"}, "keys need one text per value"},
      {{"ad_id", "search_word::float64"}, "rows might no longer be different"},
  };
  for (const auto& [items, expected] : cases) {
    const Status status = refusal(items);
    EXPECT_EQ(status.code(), Code::schema_mismatch) << expected;
    EXPECT_NE(status.message().find(expected), std::string::npos) << status.message();
  }
}

TEST(Select, RefusesItemsThatAreNone) {
  for (const char* item : {"", " as x", "ad_id as ", "ad_id::integer", "::int64"}) {
    const Status status = refusal({item});
    EXPECT_EQ(status.code(), Code::invalid_config) << item << ": " << status.to_string();
  }
  EXPECT_EQ(refusal({}).code(), Code::invalid_config);
}

}  // namespace
}  // namespace daymill::select
