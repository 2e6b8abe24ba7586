#include "cast.hpp"

#include <cmath>

namespace daymill::select {
namespace {

constexpr std::int64_t kDay = std::int64_t{86400} * 1'000'000;

template <typename Parsed, typename Append>
bool append_parsed(const Parsed& parsed, Append&& append) {
  if (!parsed) {
    return false;
  }
  append(*parsed);
  return true;
}

bool append_of_int64(std::int64_t value, ColumnBuilder& out) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;  // every integer up to it is a float64
  if (out.type() == Type::text) {
    out.append_bytes(std::to_string(value));
    return true;
  }
  if (out.type() == Type::float64) {
    if (value < -kExact || value > kExact) {
      return false;
    }
    out.append_float64(static_cast<double>(value));
    return true;
  }
  if (value != 0 && value != 1) {
    return false;
  }
  out.append_boolean(value == 1);
  return true;
}

bool append_of_float64(double value, ColumnBuilder& out) {
  if (!std::isfinite(value)) {
    return false;
  }
  if (out.type() == Type::text) {
    out.append_bytes(float64_text(value));
    return true;
  }
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  if (value < -kEnd || value >= kEnd || std::trunc(value) != value) {
    return false;
  }
  out.append_int64(static_cast<std::int64_t>(value));
  return true;
}

bool append_of_text(std::string_view text, ColumnBuilder& out) {
  switch (out.type()) {
    case Type::boolean:
      return append_parsed(parse_boolean(text), [&](bool value) { out.append_boolean(value); });
    case Type::int64:
      return append_parsed(parse_int64(text), [&](std::int64_t value) { out.append_int64(value); });
    case Type::float64:
      return append_parsed(parse_float64(text), [&](double value) { out.append_float64(value); });
    case Type::date:
      return append_parsed(parse_date(text), [&](std::int32_t value) { out.append_date(value); });
    case Type::timestamp:
      return append_parsed(parse_timestamp(text),
                           [&](std::int64_t value) { out.append_int64(value); });
    case Type::text:
    case Type::binary:
      out.append_bytes(text);
      return true;
  }
  return false;
}

bool append_of_boolean(bool value, ColumnBuilder& out) {
  if (out.type() == Type::int64) {
    out.append_int64(value ? 1 : 0);
  } else {
    out.append_bytes(value ? "true" : "false");
  }
  return true;
}

bool append_of_date(std::int32_t days, ColumnBuilder& out) {
  if (out.type() == Type::timestamp) {
    std::int64_t time = 0;
    if (__builtin_mul_overflow(std::int64_t{days}, kDay, &time)) {
      return false;
    }
    out.append_int64(time);
  } else {
    out.append_bytes(date_text(days));
  }
  return true;
}

bool append_of_timestamp(std::int64_t time, ColumnBuilder& out) {
  if (out.type() == Type::date) {
    const std::int64_t day = time / kDay - (time % kDay < 0 ? 1 : 0);
    out.append_date(static_cast<std::int32_t>(day));
  } else {
    out.append_bytes(timestamp_text(time));
  }
  return true;
}

}  // namespace

bool can_cast(Type from, Type to) {
  if (from == to) {
    return true;
  }
  switch (from) {
    case Type::text:
      return true;
    case Type::int64:
      return to == Type::text || to == Type::float64 || to == Type::boolean;
    case Type::float64:
    case Type::boolean:
      return to == Type::text || to == Type::int64;
    case Type::date:
      return to == Type::text || to == Type::timestamp;
    case Type::timestamp:
      return to == Type::text || to == Type::date;
    case Type::binary:
      return to == Type::text;
  }
  return false;
}

bool merges_values(Type from, Type to) {
  return (from == Type::timestamp && to == Type::date) ||
         (from == Type::text && to == Type::float64);
}

bool append_cast(const Column& column, Type from, std::int64_t row, ColumnBuilder& out) {
  switch (from) {
    case Type::boolean:
      return append_of_boolean(column.boolean(row), out);
    case Type::int64:
      return append_of_int64(column.int64s()[row], out);
    case Type::float64:
      return append_of_float64(column.float64s()[row], out);
    case Type::text:
      return append_of_text(column.bytes_at(row), out);
    case Type::binary: {
      const std::string_view bytes = column.bytes_at(row);
      return is_utf8(bytes) && append_of_text(bytes, out);
    }
    case Type::date:
      return append_of_date(column.dates()[row], out);
    case Type::timestamp:
      return append_of_timestamp(column.int64s()[row], out);
  }
  return false;
}

const char* castable_values(Type from, Type to) {
  switch (to) {
    case Type::boolean:
      return from == Type::int64 ? "0 or 1" : "true or false";
    case Type::int64:
      return from == Type::float64 ? "a whole number from -2^63 to 2^63-1"
                                   : "a decimal integer from -2^63 to 2^63-1 without plus sign, "
                                     "leading zero, fraction or exponent";
    case Type::float64:
      return from == Type::int64 ? "an integer from -2^53 to 2^53" : "a finite decimal number";
    case Type::date:
      return "a date that exists, as 2026-11-22";
    case Type::timestamp:
      return "a UTC time, as 2026-11-22T15:04:05Z";
    case Type::text:
      return from == Type::binary ? "UTF-8" : "a finite number";
    case Type::binary:
      break;
  }
  return "bytes";
}

std::string found_value(const Column& column, Type type, std::int64_t row) {
  switch (type) {
    case Type::boolean:
      return column.boolean(row) ? "true" : "false";
    case Type::int64:
      return std::to_string(column.int64s()[row]);
    case Type::float64: {
      const double value = column.float64s()[row];
      return std::isfinite(value) ? float64_text(value) : std::isnan(value) ? "NaN" : "infinity";
    }
    case Type::date:
      return date_text(column.dates()[row]);
    case Type::timestamp:
      return timestamp_text(column.int64s()[row]);
    case Type::text:
    case Type::binary:
      return "\"" + printable(column.bytes_at(row), 80) + "\"";
  }
  return {};
}

}  // namespace daymill::select
