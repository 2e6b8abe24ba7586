#include "run/ordered_code.hpp"

#include <algorithm>
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

char* put_text(char* to, std::string_view text, bool last) {
  if (last || text.find(kEscape) == std::string_view::npos) {
    detail::copy_bytes(to, text.data(), text.size());
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
    columns_.push_back({index, field.type, field.nullable, false});
  }
  if (!columns_.empty()) {
    columns_.back().last = true;
  }
}

char* OrderedCode::make_room(std::size_t bytes) {
  if (size_ + bytes > capacity_) {
    capacity_ = (size_ + bytes) * 2;
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (size_ != 0) {
      std::memcpy(larger.get(), room_.get(), size_);
    }
    room_ = std::move(larger);
  }
  return room_.get() + size_;
}

std::size_t OrderedCode::append(const RecordBatch& batch, std::int64_t row) {
  constexpr std::size_t kLargestFixed = 1 + 8;
  std::size_t most = columns_.size() * kLargestFixed;
  for (const CodedColumn& column : columns_) {
    if (column.type == Type::text || column.type == Type::binary) {
      most += 2 * batch.column(column.index).bytes_at(row).size();
    }
  }
  char* to = make_room(most);
  for (const CodedColumn& coded : columns_) {
    const Column& column = batch.column(coded.index);
    if (coded.nullable) {
      const bool null = column.is_null(row);
      *to++ = null ? kNull : kValue;
      if (null) {
        continue;
      }
    }
    switch (coded.type) {
      case Type::int64:
      case Type::timestamp:
        to = put_integer(to, column.int64s()[row]);
        break;
      case Type::float64:
        to = put_integer(to, ordered_bits(std::bit_cast<std::int64_t>(column.float64s()[row])));
        break;
      case Type::date:
        to = put_integer(to, column.dates()[row]);
        break;
      case Type::boolean:
        *to++ = column.boolean(row) ? 1 : 0;
        break;
      case Type::text:
      case Type::binary:
        to = put_text(to, column.bytes_at(row), coded.last);
        break;
    }
  }
  return size_ = static_cast<std::size_t>(to - room_.get());
}

void OrderedCode::decode(std::string_view bytes, BatchBuilder& out) const {
  for (const CodedColumn& coded : columns_) {
    ColumnBuilder& column = out.column(coded.index);
    if (coded.nullable) {
      const bool null = bytes.front() == kNull;
      bytes.remove_prefix(1);
      if (null) {
        column.append_null();
        continue;
      }
    }
    switch (coded.type) {
      case Type::int64:
      case Type::timestamp:
        column.append_int64(take_integer<std::int64_t>(bytes));
        break;
      case Type::float64:
        column.append_float64(
            std::bit_cast<double>(ordered_bits(take_integer<std::int64_t>(bytes))));
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
}

}  // namespace daymill
