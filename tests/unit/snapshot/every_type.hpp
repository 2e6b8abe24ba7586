// Rows of every type, with nulls, for tests of what is written and read back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"

namespace daymill {

/// One column of each type, the first (text) is the key.
inline Schema every_type() {
  return Schema{{{"word", Type::text, Role::key, false},
                 {"flag", Type::boolean, Role::attribute, true},
                 {"count", Type::int64, Role::measure, true},
                 {"share", Type::float64, Role::attribute, true},
                 {"bytes", Type::binary, Role::attribute, true},
                 {"day", Type::date, Role::attribute, true},
                 {"at", Type::timestamp, Role::attribute, true}}};
}

/// Row `i` of a made-up table; every third value is null, the key never.
inline void append_row(BatchBuilder& rows, std::int64_t i) {
  rows.column(0).append_bytes("wörd " + std::to_string(i));
  const auto null = [&](std::size_t column) {
    return (i + static_cast<std::int64_t>(column)) % 3 == 0;
  };
  null(1) ? rows.column(1).append_null() : rows.column(1).append_boolean(i % 2 == 0);
  null(2) ? rows.column(2).append_null() : rows.column(2).append_int64(i * 1'000'003 - 5);
  null(3) ? rows.column(3).append_null()
          : rows.column(3).append_float64(static_cast<double>(i) / 7);
  null(4)
      ? rows.column(4).append_null()
      : rows.column(4).append_bytes(std::string(static_cast<std::size_t>(i % 5), '\0') + "\xff");
  null(5) ? rows.column(5).append_null()
          : rows.column(5).append_date(static_cast<std::int32_t>(i - 20'000));
  null(6) ? rows.column(6).append_null() : rows.column(6).append_int64(-i * 86'400'000'000);
  rows.end_row();
}

inline RecordBatch rows_of_every_type(std::int64_t from, std::int64_t to) {
  BatchBuilder rows(every_type());
  for (std::int64_t i = from; i < to; ++i)
    append_row(rows, i);
  return rows.finish();
}

/// One row as text, to compare by.
inline std::string row_text(const RecordBatch& batch, std::int64_t row) {
  std::string text(batch.column(0).bytes_at(row));
  const auto add = [&](std::size_t column, const std::string& value) {
    text += "|" + (batch.column(column).is_null(row) ? std::string("null") : value);
  };
  add(1, batch.column(1).boolean(row) ? "true" : "false");
  add(2, std::to_string(batch.column(2).int64s()[row]));
  add(3, std::to_string(batch.column(3).float64s()[row]));
  add(4, std::string(batch.column(4).bytes_at(row)));
  add(5, std::to_string(batch.column(5).dates()[row]));
  add(6, std::to_string(batch.column(6).int64s()[row]));
  return text;
}

}  // namespace daymill
