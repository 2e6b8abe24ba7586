#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "copy_encoder.hpp"

namespace daymill::postgres {
namespace {

// PostgreSQL counts from 2000-01-01; the ends of its ranges mean infinity.
constexpr std::int64_t kEpochDays = 10957;
constexpr std::int64_t kEpochMicroseconds = kEpochDays * 86400 * 1'000'000;

constexpr char kHeader[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";  // signature, flags, extension: 19

template <typename T>
char* put(char* out, T value) {
  std::make_unsigned_t<T> big;
  std::memcpy(&big, &value, sizeof big);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) {
      big = __builtin_bswap16(big);
    } else if constexpr (sizeof(T) == 4) {
      big = __builtin_bswap32(big);
    } else if constexpr (sizeof(T) == 8) {
      big = __builtin_bswap64(big);
    }
  }
  std::memcpy(out, &big, sizeof big);
  return out + sizeof big;
}

template <typename T>
char* put_value(char* out, T value) {
  return put(put(out, static_cast<std::int32_t>(sizeof(T))), value);
}

class BinaryEncoder final : public CopyEncoder {
 public:
  BinaryEncoder(std::vector<BoundColumn> columns, std::int32_t partition_day)
      : columns_(std::move(columns)) {
    char* end = put(prefix_, static_cast<std::int16_t>(columns_.size()));
    put_value(end, static_cast<std::int32_t>(partition_day - kEpochDays));
  }

  [[nodiscard]] const char* format() const override { return "binary"; }
  void begin(CopyBuffer& out) const override {
    char* place = out.reserve(sizeof kHeader);
    std::memcpy(place, kHeader, sizeof kHeader);
    out.advance_to(place + sizeof kHeader);
  }
  void end(CopyBuffer& out) const override {
    out.advance_to(put(out.reserve(2), std::int16_t{-1}));
  }
  Result<std::int64_t> append(const RecordBatch& batch, std::int64_t row,
                              CopyBuffer& out) const override;

 private:
  [[nodiscard]] std::size_t most_bytes(const std::vector<const Column*>& cells, std::int64_t row,
                                       std::int64_t count) const;

  static constexpr std::size_t kPrefixBytes = 2 + 4 + 4;  // number of columns, the date
  static constexpr std::size_t kFixedBytes = 4 + 8;       // the most without text's own bytes

  std::vector<BoundColumn> columns_;  // the first is the partition's date
  char prefix_[kPrefixBytes];
};

static_assert(sizeof kHeader == 19);

// Returns null for a date or timestamp out of PostgreSQL's range. There is room for it in `out`.
char* put_cell(char* out, const Column& column, Type type, std::int64_t row) {
  switch (type) {
    case Type::int64:
      return put_value(out, column.int64s()[row]);
    case Type::float64:
      return put_value(out, std::bit_cast<std::int64_t>(column.float64s()[row]));
    case Type::boolean:
      return put_value(out, static_cast<std::int8_t>(column.boolean(row)));
    case Type::date: {
      const std::int64_t days = column.dates()[row] - kEpochDays;
      return days <= std::numeric_limits<std::int32_t>::min() ||
                     days >= std::numeric_limits<std::int32_t>::max()
                 ? nullptr
                 : put_value(out, static_cast<std::int32_t>(days));
    }
    case Type::timestamp: {
      std::int64_t microseconds = 0;
      return __builtin_sub_overflow(column.int64s()[row], kEpochMicroseconds, &microseconds) ||
                     microseconds == std::numeric_limits<std::int64_t>::min()
                 ? nullptr
                 : put_value(out, microseconds);
    }
    case Type::text:
    case Type::binary: {
      const std::string_view bytes = column.bytes_at(row);
      out = put(out, static_cast<std::int32_t>(bytes.size()));
      if (!bytes.empty()) {
        std::memcpy(out, bytes.data(), bytes.size());
      }
      return out + bytes.size();
    }
  }
  return nullptr;
}

/// What `count` rows from `row` on take at most.
std::size_t BinaryEncoder::most_bytes(const std::vector<const Column*>& cells, std::int64_t row,
                                      std::int64_t count) const {
  std::size_t bytes = static_cast<std::size_t>(count) * (kPrefixBytes + cells.size() * kFixedBytes);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_var_length(columns_[i + 1].type)) {
      const std::int32_t* ends = cells[i]->offsets();
      bytes += static_cast<std::size_t>(ends[row + count] - ends[row]);
    }
  }
  return bytes;
}

Result<std::int64_t> BinaryEncoder::append(const RecordBatch& batch, std::int64_t row,
                                           CopyBuffer& out) const {
  constexpr std::int64_t kRowsAtOnce = 64;
  std::vector<const Column*> cells;
  for (std::size_t i = 1; i < columns_.size(); ++i) {
    cells.push_back(&batch.column(columns_[i].source));
  }
  while (row < batch.num_rows() && !out.is_full()) {
    std::int64_t count = std::min(kRowsAtOnce, batch.num_rows() - row);
    if (most_bytes(cells, row, count) > CopyBuffer::kChunk) {  // large rows go one by one
      count = 1;
    }
    char* place = out.reserve(most_bytes(cells, row, count));
    for (const std::int64_t end = row + count; row < end; ++row) {
      std::memcpy(place, prefix_, kPrefixBytes);
      place += kPrefixBytes;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        place = cells[i]->is_null(row) ? put(place, std::int32_t{-1})
                                       : put_cell(place, *cells[i], columns_[i + 1].type, row);
        if (place == nullptr) {
          return Status(Code::invalid_data, "column " + columns_[i + 1].name +
                                                " holds a time that PostgreSQL cannot store");
        }
      }
    }
    out.advance_to(place);
  }
  return row;
}

}  // namespace

std::unique_ptr<CopyEncoder> make_binary_encoder(std::vector<BoundColumn> columns,
                                                 std::int32_t partition_day) {
  return std::make_unique<BinaryEncoder>(std::move(columns), partition_day);
}

}  // namespace daymill::postgres
