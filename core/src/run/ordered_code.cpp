#include "run/ordered_code.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

namespace daymill {

namespace {

constexpr char kNull = 0;
constexpr char kValue = 1;
constexpr char kEscape = 0;  // the byte itself, when kEscaped follows; the end, when kEnd does
constexpr char kEnd = 1;
constexpr char kEscaped = '\xff';
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

template <typename Unsigned>
Unsigned to_big_endian(Unsigned value) {  // the hosts daymill builds for are little-endian
  static_assert(std::endian::native == std::endian::little);
  return sizeof value == 8
             ? static_cast<Unsigned>(__builtin_bswap64(value))
             : static_cast<Unsigned>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
}

/// The value with its sign bit turned over, at `to`; where the next one goes.
template <typename Signed>
char* put_integer(char* to, Signed value) {
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr auto kSignBit = static_cast<Unsigned>(Unsigned{1} << (8 * sizeof value - 1));
  const Unsigned bytes =
      to_big_endian(static_cast<Unsigned>(static_cast<Unsigned>(value) ^ kSignBit));
  std::memcpy(to, &bytes, sizeof bytes);
  return to + sizeof bytes;
}

template <typename Signed>
Signed take_integer(std::string_view& bytes) {
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr auto kSignBit = static_cast<Unsigned>(Unsigned{1} << (8 * sizeof(Signed) - 1));
  Unsigned value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return static_cast<Signed>(to_big_endian(value) ^ kSignBit);
}

/// Turned over such that the integers' order is that of the numbers; its own inverse.
std::int64_t ordered_bits(std::int64_t bits) {
  return bits < 0 ? static_cast<std::int64_t>(~static_cast<std::uint64_t>(bits) ^ kSign) : bits;
}

char* put_text(char* to, std::string_view text, bool last, const char* readable_end) {
  if (last || text.find(kEscape) == std::string_view::npos) {
    detail::copy_slice(to, text.data(), text.size(), readable_end);
    to += text.size();
  } else {
    for (const char byte : text) {
      *to++ = byte;
      if (byte == kEscape) {
        *to++ = kEscaped;
      }
    }
  }
  if (!last) {
    *to++ = kEscape;
    *to++ = kEnd;
  }
  return to;
}

std::size_t fixed_size(Type type) {
  switch (type) {
    case Type::int64:
    case Type::timestamp:
    case Type::float64:
      return sizeof(std::int64_t);
    case Type::date:
      return sizeof(std::int32_t);
    case Type::boolean:
      return 1;
    case Type::text:
    case Type::binary:
      return 0;
  }
  return 0;
}

/// One value off each row.
void take_integers(std::span<std::string_view> rows, ColumnBuilder& out) {
  std::array<std::int64_t, 256> values;
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), values.size());
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = take_integer<std::int64_t>(rows[i]);
    }
    out.append_int64s(values.data(), static_cast<std::int64_t>(count));
    rows = rows.subspan(count);
  }
}

void take_text(std::string_view& bytes, bool last, ColumnBuilder& out) {
  if (last) {
    out.append_bytes(bytes);
    bytes = {};
    return;
  }
  const std::size_t end = bytes.find(std::string_view("\0\1", 2));
  std::string_view text = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  if (text.find(kEscape) == std::string_view::npos) {
    out.append_bytes(text);
    return;
  }
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    plain += text[i];
    i += text[i] == kEscape ? 1 : 0;
  }
  out.append_bytes(plain);
}

}  // namespace

OrderedCode::OrderedCode(const Schema& schema, std::vector<std::size_t> columns) {
  for (const std::size_t index : columns) {
    const Field& field = schema.fields[index];
    columns_.push_back({index, field.type, fixed_size(field.type), field.nullable, false});
  }
  if (!columns_.empty()) {
    columns_.back().last = true;
  }
}

void OrderedCode::make_room(std::size_t bytes) {
  bytes += detail::kCopySlack;
  if (size_ + bytes > capacity_) {
    capacity_ = (size_ + bytes) * 2;
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (size_ != 0) {
      std::memcpy(larger.get(), room_.get(), size_);
    }
    room_ = std::move(larger);
  }
}

std::size_t OrderedCode::append(const RecordBatch& batch, std::int64_t row) {
  std::size_t end = 0;
  append(batch, row, {&end, 1});
  return end;
}

void OrderedCode::append(const RecordBatch& batch, std::int64_t first,
                         std::span<std::size_t> ends) {
  std::size_t most = 0;
  for (const CodedColumn& coded : columns_) {
    most += most_bytes(coded, batch.column(coded.index), first, ends.size());
  }
  make_room(most);
  char* to = room_.get() + size_;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    for (const CodedColumn& coded : columns_) {
      to = put_value(coded, batch.column(coded.index), first + static_cast<std::int64_t>(i), to);
    }
    ends[i] = static_cast<std::size_t>(to - room_.get());
  }
  size_ = static_cast<std::size_t>(to - room_.get());
}

/// No more than the values of so many rows take.
std::size_t OrderedCode::most_bytes(const CodedColumn& coded, const Column& column,
                                    std::int64_t first, std::size_t rows) {
  constexpr std::size_t kMarkAndEnd = 3;
  if (coded.fixed_size != 0) {
    return rows * (kMarkAndEnd + coded.fixed_size);
  }
  const std::int32_t* const ends = column.offsets() + first;
  return rows * kMarkAndEnd + 2 * static_cast<std::size_t>(ends[rows] - ends[0]);
}

char* OrderedCode::put_value(const CodedColumn& coded, const Column& column, std::int64_t row,
                             char* to) {
  if (coded.nullable) {
    const bool null = column.is_null(row);
    *to++ = null ? kNull : kValue;
    if (null) {
      return to;
    }
  }
  switch (coded.type) {
    case Type::int64:
    case Type::timestamp:
      return put_integer(to, column.int64s()[row]);
    case Type::float64:
      return put_integer(to, ordered_bits(std::bit_cast<std::int64_t>(column.float64s()[row])));
    case Type::date:
      return put_integer(to, column.dates()[row]);
    case Type::boolean:
      *to = column.boolean(row) ? 1 : 0;
      return to + 1;
    case Type::text:
    case Type::binary:
      return put_text(to, column.bytes_at(row), coded.last,
                      column.bytes() + column.offsets()[column.length()]);
  }
  return to;
}

void OrderedCode::decode(std::string_view codes, std::span<std::string_view> rows,
                         BatchBuilder& out) const {
  for (const CodedColumn& coded : columns_) {
    ColumnBuilder& column = out.column(coded.index);
    const bool is_number = coded.type == Type::int64 || coded.type == Type::timestamp;
    const bool is_text = is_var_length(coded.type);
    if (!coded.nullable && is_number) {
      take_integers(rows, column);
    } else if (!coded.nullable && is_text && coded.last) {
      column.append_slices(codes, rows.data(), static_cast<std::int64_t>(rows.size()));
    } else {
      for (std::string_view& bytes : rows) {
        take_value(coded, bytes, column);
      }
    }
  }
}

void OrderedCode::take_value(const CodedColumn& coded, std::string_view& bytes,
                             ColumnBuilder& column) {
  if (coded.nullable) {
    const bool null = bytes.front() == kNull;
    bytes.remove_prefix(1);
    if (null) {
      column.append_null();
      return;
    }
  }
  switch (coded.type) {
    case Type::int64:
    case Type::timestamp:
      column.append_int64(take_integer<std::int64_t>(bytes));
      break;
    case Type::float64:
      column.append_float64(std::bit_cast<double>(ordered_bits(take_integer<std::int64_t>(bytes))));
      break;
    case Type::date:
      column.append_date(take_integer<std::int32_t>(bytes));
      break;
    case Type::boolean:
      column.append_boolean(bytes.front() != 0);
      bytes.remove_prefix(1);
      break;
    case Type::text:
    case Type::binary:
      take_text(bytes, coded.last, column);
      break;
  }
}

}  // namespace daymill
