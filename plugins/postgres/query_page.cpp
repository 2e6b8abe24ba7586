#include "query_page.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace daymill::postgres {
namespace {

// PostgreSQL counts from 2000-01-01; the ends of its ranges mean infinity.
constexpr std::int32_t kEpochDays = 10957;
constexpr std::int64_t kEpochMicroseconds = std::int64_t{kEpochDays} * 86400 * 1'000'000;

template <typename T>
T get(const char* bytes) {
  std::make_unsigned_t<T> big;
  std::memcpy(&big, bytes, sizeof big);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) {
      big = __builtin_bswap16(big);
    } else if constexpr (sizeof(T) == 4) {
      big = __builtin_bswap32(big);
    } else if constexpr (sizeof(T) == 8) {
      big = __builtin_bswap64(big);
    }
  }
  T value;
  std::memcpy(&value, &big, sizeof value);
  return value;
}

template <typename T>
T shifted(T value, T by) {
  T sum = 0;
  return value == std::numeric_limits<T>::min()    ? value
         : __builtin_add_overflow(value, by, &sum) ? std::numeric_limits<T>::max()
                                                   : sum;
}

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

/// Appends one value; false when its size is not the type's.
bool append_value(Wire wire, std::string_view value, ColumnBuilder& out, std::string& scratch) {
  const auto sized = [&](std::size_t size) { return value.size() == size; };
  switch (wire) {
    case Wire::boolean:
      return sized(1) && (out.append_boolean(value[0] != 0), true);
    case Wire::int2:
      return sized(2) && (out.append_int64(get<std::int16_t>(value.data())), true);
    case Wire::int4:
      return sized(4) && (out.append_int64(get<std::int32_t>(value.data())), true);
    case Wire::int8:
      return sized(8) && (out.append_int64(get<std::int64_t>(value.data())), true);
    case Wire::float4:
      return sized(4) &&
             (out.append_float64(double{std::bit_cast<float>(get<std::int32_t>(value.data()))}),
              true);
    case Wire::float8:
      return sized(8) &&
             (out.append_float64(std::bit_cast<double>(get<std::int64_t>(value.data()))), true);
    case Wire::numeric: {
      const auto number = numeric_value(value, scratch);
      return number && (out.append_float64(*number), true);
    }
    case Wire::text:
      out.append_bytes(value);
      return true;
    case Wire::date:
      return sized(4) &&
             (out.append_date(shifted(get<std::int32_t>(value.data()), kEpochDays)), true);
    case Wire::timestamptz:
      return sized(8) &&
             (out.append_int64(shifted(get<std::int64_t>(value.data()), kEpochMicroseconds)), true);
  }
  return false;
}

}  // namespace

std::optional<double> numeric_value(std::string_view bytes, std::string& scratch) {
  constexpr std::size_t kHeader = 8;  // number of digits, weight, sign, scale
  if (bytes.size() < kHeader) {
    return std::nullopt;
  }
  const auto digits = static_cast<std::size_t>(get<std::uint16_t>(bytes.data()));
  const int weight = get<std::int16_t>(bytes.data() + 2);
  const int sign = get<std::uint16_t>(bytes.data() + 4);
  if (bytes.size() != kHeader + 2 * digits) {
    return std::nullopt;
  }
  if (sign != 0 && sign != 0x4000) {
    return kNoNumber;
  }
  if (digits == 0) {
    return 0.0;
  }
  // Digits to the base of 10000, the first worth 10000^weight.
  scratch.assign(sign == 0 ? "" : "-");
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = get<std::int16_t>(bytes.data() + kHeader + 2 * i);
    for (const int power : {1000, 100, 10, 1}) {
      scratch += static_cast<char>('0' + digit / power % 10);
    }
  }
  scratch += 'e' + std::to_string(4 * (weight + 1 - static_cast<int>(digits)));
  double value = 0;
  const auto [end, error] = std::from_chars(scratch.data(), scratch.data() + scratch.size(), value);
  return error == std::errc() ? value : kNoNumber;
}

Status append_page(const Rows& page, const std::vector<Wire>& wires, BatchBuilder& out,
                   std::size_t& bytes) {
  const int rows = page.size();
  std::string scratch;
  bytes = 0;
  for (std::size_t i = 0; i < wires.size(); ++i) {
    ColumnBuilder& builder = out.column(i);
    const auto column = static_cast<int>(i);
    for (int row = 0; row < rows; ++row) {
      const std::string_view value = page.view(row, column);
      bytes += value.size() + sizeof(std::int32_t);
      if (page.is_null(row, column)) {
        builder.append_null();
      } else if (!append_value(wires[i], value, builder, scratch)) {
        return Status(Code::internal, "the server sent " + std::to_string(value.size()) +
                                          " bytes for column " + std::to_string(i + 1) +
                                          ", which is not the size of its type");
      }
    }
  }
  out.end_rows(rows);
  return {};
}

}  // namespace daymill::postgres
