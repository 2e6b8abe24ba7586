#include "snapshot/fingerprint.hpp"

#include <xxhash.h>

#include <cstring>

namespace daymill {

std::string_view value_bytes(const Field& field, const Column& column, std::int64_t row) {
  switch (field.type) {
    case Type::text:
    case Type::binary:
      return column.bytes_at(row);
    case Type::boolean:
      return column.boolean(row) ? std::string_view("\1", 1) : std::string_view("\0", 1);
    case Type::date:
      return {reinterpret_cast<const char*>(column.dates() + row), sizeof(std::int32_t)};
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
      return {reinterpret_cast<const char*>(column.int64s() + row), sizeof(std::int64_t)};
  }
  return {};
}

void Fingerprint::add(std::uint64_t high, std::uint64_t low) {
  ++rows_;
  low_ += low;
  high_ += high + (low_ < low ? 1 : 0);
}

void Fingerprint::remove(std::uint64_t high, std::uint64_t low) {
  --rows_;
  high_ -= high + (low_ < low ? 1 : 0);
  low_ -= low;
}

std::string Fingerprint::text() const {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = std::to_string(rows_) + "-";
  for (const std::uint64_t half : {high_, low_}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      text += kHex[(half >> shift) & 15];
    }
  }
  return text;
}

RowHasher::RowHasher(const Schema& schema)
    : schema_(schema), key_columns_(schema.with_role(Role::key)) {}

void RowHasher::append(const RecordBatch& batch, std::int64_t row, std::size_t column) {
  const bool null = batch.column(column).is_null(row);
  const std::string_view bytes =
      null ? std::string_view() : value_bytes(schema_.fields[column], batch.column(column), row);
  const std::uint32_t size = null ? 0xffffffffu : static_cast<std::uint32_t>(bytes.size());
  char prefix[sizeof size];
  std::memcpy(prefix, &size, sizeof size);  // the hosts daymill builds for are little-endian
  scratch_.append(prefix, sizeof prefix);
  scratch_.append(bytes);
}

std::uint64_t RowHasher::key_hash(const RecordBatch& batch, std::int64_t row) {
  if (key_columns_.size() == 1) {
    const Column& column = batch.column(key_columns_[0]);
    const std::string_view bytes = column.is_null(row)
                                       ? std::string_view()
                                       : value_bytes(schema_.fields[key_columns_[0]], column, row);
    return XXH3_64bits(bytes.data(), bytes.size());
  }
  scratch_.clear();
  for (const std::size_t column : key_columns_) {
    append(batch, row, column);
  }
  return scratch_.empty() ? 0 : XXH3_64bits(scratch_.data(), scratch_.size());
}

bool RowHasher::same_key(const RecordBatch& a, std::int64_t row_a, const RecordBatch& b,
                         std::int64_t row_b) const {
  for (const std::size_t i : key_columns_) {
    const bool null_a = a.column(i).is_null(row_a);
    const bool null_b = b.column(i).is_null(row_b);
    if (null_a != null_b || (!null_a && value_bytes(schema_.fields[i], a.column(i), row_a) !=
                                            value_bytes(schema_.fields[i], b.column(i), row_b))) {
      return false;
    }
  }
  return true;
}

void RowHasher::encode_row(const RecordBatch& batch, std::int64_t row) {
  scratch_.clear();
  for (std::size_t i = 0; i < batch.num_columns(); ++i) {
    append(batch, row, i);
  }
}

void RowHasher::add_to(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row) {
  encode_row(batch, row);
  const XXH128_hash_t hash = XXH3_128bits(scratch_.data(), scratch_.size());
  fingerprint.add(hash.high64, hash.low64);
}

void RowHasher::remove_from(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row) {
  encode_row(batch, row);
  const XXH128_hash_t hash = XXH3_128bits(scratch_.data(), scratch_.size());
  fingerprint.remove(hash.high64, hash.low64);
}

}  // namespace daymill
