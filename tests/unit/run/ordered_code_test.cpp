#include "run/ordered_code.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace daymill {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What each value of a column of this type becomes, in the order given; nullopt is null.
template <typename Value, typename Append>
std::vector<std::string> codes_of(Type type, const std::vector<std::optional<Value>>& values,
                                  const Append& append) {
  // A text behind it, so that the column is not the last.
  const Schema schema{{{"value", type, Role::key, true}, {"after", Type::text, Role::key, false}}};
  BatchBuilder builder(schema);
  for (const auto& value : values) {
    value ? append(builder.column(0), *value) : builder.column(0).append_null();
    builder.column(1).append_bytes("\xff");
    builder.end_row();
  }
  const RecordBatch batch = builder.finish();
  OrderedCode code(schema, {0, 1});
  std::vector<std::string> codes;
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    code.clear();
    code.append(batch, row);
    codes.emplace_back(code.bytes());
  }
  return codes;
}

void expect_ascending(const std::vector<std::string>& codes) {
  for (std::size_t i = 1; i < codes.size(); ++i) {
    EXPECT_LT(codes[i - 1], codes[i]) << i;
  }
}

TEST(OrderedCode, OrdersNumbersByValue) {
  expect_ascending(codes_of<std::int64_t>(
      Type::int64, {{}, INT64_MIN, -256, -1, 0, 1, 255, 256, INT64_MAX},
      [](ColumnBuilder& column, std::int64_t value) { column.append_int64(value); }));
  expect_ascending(codes_of<double>(
      Type::float64,
      {{}, -kInfinity, -2.5, -1e-300, -0.0, 0.0, 1e-300, 2.5, kInfinity, std::nan("")},
      [](ColumnBuilder& column, double value) { column.append_float64(value); }));
  expect_ascending(codes_of<std::int32_t>(
      Type::date, {{}, INT32_MIN, -1, 0, 20780, INT32_MAX},
      [](ColumnBuilder& column, std::int32_t value) { column.append_date(value); }));
  expect_ascending(
      codes_of<bool>(Type::boolean, {{}, false, true},
                     [](ColumnBuilder& column, bool value) { column.append_boolean(value); }));
}

TEST(OrderedCode, OrdersTextByItsBytes) {
  using namespace std::string_literals;
  expect_ascending(codes_of<std::string>(
      Type::binary,
      {{},
       ""s,
       "\0"s,
       "\0\0"s,
       "\0\1"s,
       "\0\xff"s,
       "\1"s,
       "a"s,
       "a\0"s,
       "a\0b"s,
       "ab"s,
       "b"s,
       "\xff"s,
       "\xff\xff"s},
      [](ColumnBuilder& column, const std::string& value) { column.append_bytes(value); }));
}

const Schema kEveryType{{{"number", Type::int64, Role::key, true},
                         {"name", Type::binary, Role::key, true},
                         {"share", Type::float64, Role::key, true},
                         {"day", Type::date, Role::key, true},
                         {"seen", Type::boolean, Role::key, true},
                         {"at", Type::timestamp, Role::key, false},
                         {"word", Type::text, Role::key, true}}};

/// Rows with a null here and there, and every byte in texts.
RecordBatch rows_of_every_type(int count) {
  BatchBuilder builder(kEveryType);
  for (int i = 0; i < count; ++i) {
    const auto put = [&](std::size_t column, const auto& append) {
      (i + static_cast<int>(column)) % 5 == 0 ? builder.column(column).append_null()
                                              : append(builder.column(column));
    };
    const std::string text(static_cast<std::size_t>(i % 4), static_cast<char>(i));
    put(0, [&](ColumnBuilder& column) { column.append_int64(i * 7919 - 1'000'000); });
    put(1, [&](ColumnBuilder& column) { column.append_bytes(text); });
    put(2, [&](ColumnBuilder& column) { column.append_float64((i - 100) / 3.0); });
    put(3, [&](ColumnBuilder& column) { column.append_date(i - 50); });
    put(4, [&](ColumnBuilder& column) { column.append_boolean(i % 2 == 0); });
    builder.column(5).append_int64(i);
    put(6, [&](ColumnBuilder& column) { column.append_bytes(text + "x"); });
    builder.end_row();
  }
  return builder.finish();
}

TEST(OrderedCode, GivesEveryValueBack) {
  const RecordBatch rows = rows_of_every_type(600);
  OrderedCode code(kEveryType, {0, 1, 2, 3, 4, 5, 6});
  std::vector<std::size_t> ends{0};
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    ends.push_back(code.append(rows, row));  // all of them in one go
  }
  BatchBuilder builder(kEveryType);
  std::vector<std::string_view> codes;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    codes.push_back(code.bytes().substr(ends[i - 1], ends[i] - ends[i - 1]));
  }
  code.decode(code.bytes(), codes, builder);
  builder.end_rows(rows.num_rows());
  const RecordBatch back = builder.finish();
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    code.clear();
    code.append(back, row);
    const std::string again(code.bytes());
    code.clear();
    code.append(rows, row);
    EXPECT_EQ(again, code.bytes()) << row;
    EXPECT_EQ(back.column(1).is_null(row), rows.column(1).is_null(row));
    EXPECT_EQ(back.column(1).bytes_at(row), rows.column(1).bytes_at(row)) << row;
    EXPECT_EQ(back.column(5).int64s()[row], rows.column(5).int64s()[row]);
    EXPECT_EQ(back.column(6).bytes_at(row), rows.column(6).bytes_at(row)) << row;
    if (!rows.column(2).is_null(row)) {
      EXPECT_EQ(back.column(2).float64s()[row], rows.column(2).float64s()[row]);
    }
  }
}

}  // namespace
}  // namespace daymill
