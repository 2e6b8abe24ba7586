// From single values to typed rows: a row is kept when every value of it is canonical, and rejected
// as a whole, with its first problem, when one is not.
//
//   RowDecoder rows(typed);                    // ad_id int64 (key), clicks int64 (measure)
//   for (row in the raw batch) {
//     rows.begin(row);
//     rows.set_text(0, "7");                   // every column once, in any order;
//     rows.set_null(1);                        // a column that is not set is null
//     DAYMILL_TRY(rows.end(out));              // kept, or out.reject(...)
//   }
//   DAYMILL_TRY(rows.flush(out));              // before process() returns: rows are numbered by it
//
// Reasons of rejections: value.not_integer, value.not_number, value.not_boolean, value.not_date,
// value.not_timestamp, text.not_utf8, text.nul, key.missing, and those given to fail().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/plugin.hpp"

namespace daymill {

/// Not thread-safe; one per lane.
class RowDecoder {
 public:
  explicit RowDecoder(const Schema& typed)
      : schema_(typed),
        cells_(typed.size()),
        builder_(typed),
        measures_(typed.with_role(Role::measure)) {}

  [[nodiscard]] const Schema& schema() const { return schema_; }

  /// Starts the row with this number in the raw batch. `unit` and `number` say where it was found,
  /// for messages: "line", 17.
  void begin(std::int64_t row, const char* unit = "row", std::int64_t number = 0) {
    row_ = row;
    unit_ = unit;
    number_ = number;
    reason_.clear();
    for (Cell& cell : cells_) {
      cell.null = true;
    }
  }
  /// The row cannot be used. The first problem of a row is the one reported.
  void fail(std::string_view reason, std::string message) {
    if (reason_.empty()) {
      reason_ = reason;
      message_ = number_ == 0 ? std::move(message)
                              : unit_ + (" " + std::to_string(number_)) + ": " + message;
    }
  }
  /// The column's value is not of its type; `found` may be any bytes.
  void fail_value(std::size_t column, std::string_view found) {
    const Field& field = schema_.fields[column];
    const auto [reason, expected] = mismatch(field.type);
    fail(reason,
         "column \"" + field.name + "\": found \"" + printable(found) + "\", expected " + expected);
  }

  /// Takes the canonical text of a value of the column's type. `text` is viewed until end().
  void set_text(std::size_t column, std::string_view text) {
    Cell& cell = cells_[column];
    switch (schema_.fields[column].type) {
      case Type::int64:
        keep(column, parse_int64(text), cell.integer, text);
        break;
      case Type::float64:
        keep(column, parse_float64(text), cell.real, text);
        break;
      case Type::boolean:
        keep(column, parse_boolean(text), cell.integer, text);
        break;
      case Type::date:
        keep(column, parse_date(text), cell.integer, text);
        break;
      case Type::timestamp:
        keep(column, parse_timestamp(text), cell.integer, text);
        break;
      case Type::text:
        if (!is_utf8(text)) {
          fail_value(column, text);
        } else if (text.find('\0') != std::string_view::npos) {
          fail("text.nul", "column \"" + schema_.fields[column].name + "\": found a NUL in \"" +
                               printable(text) + "\", expected text without");
        } else {
          set_bytes(cell, text);
        }
        break;
      case Type::binary:
        set_bytes(cell, text);
        break;
    }
  }
  /// For int64 and timestamp columns.
  void set_int64(std::size_t column, std::int64_t value) {
    cells_[column].integer = value;
    cells_[column].null = false;
  }
  void set_float64(std::size_t column, double value) {
    cells_[column].real = value;
    cells_[column].null = false;
  }
  void set_date(std::size_t column, std::int32_t days) { set_int64(column, days); }
  void set_boolean(std::size_t column, bool value) { set_int64(column, value ? 1 : 0); }
  void set_null(std::size_t column) { cells_[column].null = true; }

  /// Keeps the row or rejects it. A rejection carries a measure and its amount when exactly one
  /// measure of the row is known.
  Status end(Emitter& out) {
    for (std::size_t i = 0; reason_.empty() && i < cells_.size(); ++i) {
      if (cells_[i].null && schema_.fields[i].role == Role::key) {
        fail("key.missing", "column \"" + schema_.fields[i].name + "\" is a key and has no value");
      }
    }
    if (!reason_.empty()) {
      return reject(out);
    }
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      append(builder_.column(i), cells_[i]);
    }
    builder_.end_row();
    return {};
  }
  /// Emits the rows kept so far.
  Status flush(Emitter& out) {
    return builder_.num_rows() == 0 ? Status() : out.emit(builder_.finish());
  }

 private:
  struct Cell {
    bool null = true;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view bytes;
  };

  static std::pair<const char*, const char*> mismatch(Type type) {
    switch (type) {
      case Type::boolean:
        return {"value.not_boolean", "true or false"};
      case Type::int64:
        return {"value.not_integer",
                "a decimal integer from -2^63 to 2^63-1 without plus sign, "
                "leading zero, fraction or exponent"};
      case Type::float64:
        return {"value.not_number", "a finite decimal number"};
      case Type::date:
        return {"value.not_date", "a date that exists, as 2026-11-22"};
      case Type::timestamp:
        return {"value.not_timestamp", "a UTC time, as 2026-11-22T15:04:05Z"};
      case Type::text:
        return {"text.not_utf8", "UTF-8"};
      case Type::binary:
        break;
    }
    return {"value.not_bytes", "bytes"};
  }

  static void set_bytes(Cell& cell, std::string_view bytes) {
    cell.bytes = bytes;
    cell.null = false;
  }
  template <typename Parsed, typename Place>
  void keep(std::size_t column, const Parsed& parsed, Place& place, std::string_view text) {
    if (!parsed) {
      fail_value(column, text);
      return;
    }
    place = static_cast<Place>(*parsed);
    cells_[column].null = false;
  }

  static void append(ColumnBuilder& column, const Cell& cell) {
    if (cell.null) {
      column.append_null();
      return;
    }
    switch (column.type()) {
      case Type::boolean:
        column.append_boolean(cell.integer != 0);
        break;
      case Type::int64:
      case Type::timestamp:
        column.append_int64(cell.integer);
        break;
      case Type::float64:
        column.append_float64(cell.real);
        break;
      case Type::date:
        column.append_date(static_cast<std::int32_t>(cell.integer));
        break;
      case Type::text:
      case Type::binary:
        column.append_bytes(cell.bytes);
        break;
    }
  }

  Status reject(Emitter& out) {
    Rejection rejection{row_, reason_, message_};
    int known = 0;
    for (const std::size_t measure : measures_) {
      if (!cells_[measure].null) {
        ++known;
        rejection.measure = static_cast<std::int32_t>(measure);
        rejection.amount = cells_[measure].integer;
      }
    }
    if (known != 1) {
      rejection.measure = -1;
      rejection.amount = 0;
    }
    return out.reject(rejection);
  }

  Schema schema_;
  std::vector<Cell> cells_;
  BatchBuilder builder_;
  std::vector<std::size_t> measures_;
  std::int64_t row_ = 0;
  std::string unit_;
  std::int64_t number_ = 0;
  std::string reason_;
  std::string message_;
};

}  // namespace daymill
