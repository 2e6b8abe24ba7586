#include "binding.hpp"

#include <gtest/gtest.h>

namespace daymill::postgres {
namespace {

TargetColumn column(const std::string& name, const std::string& type) {
  TargetColumn made;
  made.name = name;
  made.type = made.type_text = type;
  return made;
}

TargetTable table(std::vector<TargetColumn> columns) {
  TargetTable made;
  made.schema = "public";
  made.name = "t";
  made.columns = std::move(columns);
  made.columns.insert(made.columns.begin(), column("date", "date"));
  return made;
}

Settings settings() {
  Settings made;
  made.partition_column = "date";
  return made;
}

Result<Binding> bind_one(Type type, const std::string& target) {
  return bind_rows(table({column("x", target)}), settings(), Schema{{{"x", type}}}, "p");
}

TEST(Binding, MapsTypesThatHoldTheValues) {
  for (const auto& [type, target] :
       std::vector<std::pair<Type, std::string>>{{Type::int64, "int8"},
                                                 {Type::int64, "numeric"},
                                                 {Type::float64, "float8"},
                                                 {Type::float64, "numeric"},
                                                 {Type::text, "text"},
                                                 {Type::text, "varchar"},
                                                 {Type::boolean, "bool"},
                                                 {Type::binary, "bytea"},
                                                 {Type::date, "date"},
                                                 {Type::timestamp, "timestamptz"}}) {
    const auto binding = bind_one(type, target);
    ASSERT_TRUE(binding.ok()) << binding.status().to_string();
    EXPECT_EQ(binding.value().binary(), target != "numeric") << target;
  }
}

TEST(Binding, RefusesTypesThatDoNotAndSaysWhich) {
  for (const auto& [type, target] :
       std::vector<std::pair<Type, std::string>>{{Type::int64, "int4"},
                                                 {Type::int64, "int2"},
                                                 {Type::int64, "float8"},
                                                 {Type::int64, "text"},
                                                 {Type::float64, "float4"},
                                                 {Type::text, "bpchar"},
                                                 {Type::text, "bytea"},
                                                 {Type::timestamp, "timestamp"},
                                                 {Type::date, "timestamptz"},
                                                 {Type::boolean, "int8"}}) {
    const Status status = bind_one(type, target).status();
    EXPECT_EQ(status.code(), Code::schema_mismatch) << target;
    EXPECT_NE(status.message().find("column x of public.t is " + target + ", expected "),
              std::string::npos)
        << status.message();
  }
}

TEST(Binding, NumericMustHoldEveryInt64) {
  TargetColumn narrow = column("x", "numeric");
  narrow.numeric_digits = 18;
  EXPECT_FALSE(bind_rows(table({narrow}), settings(), Schema{{{"x", Type::int64}}}, "p").ok());
  narrow.numeric_digits = 19;
  EXPECT_TRUE(bind_rows(table({narrow}), settings(), Schema{{{"x", Type::int64}}}, "p").ok());
}

TEST(Binding, RefusesRowsWithThePartitionColumn) {
  const Status status =
      bind_rows(table({}), settings(), Schema{{{"date", Type::date}}}, "p").status();
  EXPECT_EQ(status.code(), Code::schema_mismatch);
}

TEST(Binding, RefusesUnfilledNotNullColumns) {
  TargetColumn extra = column("extra", "text");
  extra.not_null = true;
  EXPECT_EQ(bind_rows(table({extra}), settings(), Schema{}, "p").status().code(),
            Code::schema_mismatch);
  extra.has_default = true;
  EXPECT_TRUE(bind_rows(table({extra}), settings(), Schema{}, "p").ok());
}

TEST(Binding, ChecksTheKey) {
  Settings with_key = settings();
  with_key.key = {"date", "word"};
  TargetColumn word = column("word", "text");
  const Schema rows{{{"word", Type::text}}};
  TargetTable unique = table({word});
  unique.unique_keys = {{"word", "date"}};
  EXPECT_TRUE(bind_rows(unique, with_key, rows, "p").value().key_is_unique);
  unique.unique_keys = {{"word", "other"}};
  EXPECT_FALSE(bind_rows(unique, with_key, rows, "p").value().key_is_unique);
  word.deterministic = false;
  EXPECT_EQ(bind_rows(table({word}), with_key, rows, "p").status().code(), Code::schema_mismatch);
  with_key.key = {"nothing"};
  EXPECT_EQ(bind_rows(table({word}), with_key, rows, "p").status().code(), Code::invalid_config);
}

TEST(Binding, WritesTheTableThatFits) {
  Settings with_key = settings();
  with_key.key = {"date", "a\"b"};
  const auto sql =
      create_table_sql({"s", "t"}, with_key, Schema{{{"a\"b", Type::text}, {"n", Type::int64}}});
  EXPECT_EQ(
      sql.value(),
      "CREATE TABLE \"s\".\"t\" (\n  \"date\" date NOT NULL,\n  \"a\"\"b\" text COLLATE \"C\" "
      "NOT NULL,\n  \"n\" bigint,\n  PRIMARY KEY (\"date\", \"a\"\"b\")\n) PARTITION BY RANGE "
      "(\"date\")");
}

}  // namespace
}  // namespace daymill::postgres
