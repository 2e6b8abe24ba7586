#include "snapshot/fingerprint.hpp"

#include <cstring>
#include <numeric>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daymill {

namespace {

/// visit(row, its bytes, whether it is null) for all rows of a column.
template <typename Visit>
void for_each_value(const Field& field, const Column& column, const Visit& visit) {
  const bool is_bytes = field.type == Type::text || field.type == Type::binary;
  if (is_bytes && column.null_count() == 0) {  // what most sources give
    for (std::int64_t row = 0; row < column.length(); ++row) {
      visit(static_cast<std::size_t>(row), column.bytes_at(row), false);
    }
    return;
  }
  for (std::int64_t row = 0; row < column.length(); ++row) {
    const bool null = column.is_null(row);
    visit(static_cast<std::size_t>(row),
          null ? std::string_view() : value_bytes(field, column, row), null);
  }
}

/// Writes one value with its length before it; where the next one goes.
char* put_value(char* to, std::string_view bytes, bool null) {
  const std::uint32_t size = null ? 0xffffffffu : static_cast<std::uint32_t>(bytes.size());
  std::memcpy(to, &size, sizeof size);  // the hosts daymill builds for are little-endian
  detail::copy_bytes(to + sizeof size, bytes.data(), bytes.size());
  return to + sizeof size + bytes.size();
}

}  // namespace

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
    : schema_(schema), all_columns_(schema.size()), key_columns_(schema.with_role(Role::key)) {
  std::iota(all_columns_.begin(), all_columns_.end(), std::size_t{0});
}

void RowHasher::encode(const RecordBatch& batch, std::int64_t row,
                       const std::vector<std::size_t>& columns) {
  used_ = 0;
  for (const std::size_t i : columns) {
    const bool null = batch.column(i).is_null(row);
    const std::string_view bytes =
        null ? std::string_view() : value_bytes(schema_.fields[i], batch.column(i), row);
    const std::size_t end = used_ + sizeof(std::uint32_t) + bytes.size();
    if (end > scratch_.size()) {
      scratch_.resize(2 * end);
    }
    put_value(scratch_.data() + used_, bytes, null);
    used_ = end;
  }
}

std::uint64_t RowHasher::key_hash(const RecordBatch& batch, std::int64_t row) {
  if (key_columns_.size() == 1) {
    const Column& column = batch.column(key_columns_[0]);
    const std::string_view bytes = column.is_null(row)
                                       ? std::string_view()
                                       : value_bytes(schema_.fields[key_columns_[0]], column, row);
    return XXH3_64bits(bytes.data(), bytes.size());
  }
  encode(batch, row, key_columns_);
  return used_ == 0 ? 0 : XXH3_64bits(scratch_.data(), used_);
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

void RowHasher::add_to(Fingerprint& fingerprint, const RecordBatch& batch) {
  // Column by column, and all rows before the first is hashed: bytes that were written a moment ago
  // are slow to be read in other widths.
  places_.assign(static_cast<std::size_t>(batch.num_rows()), 0);
  for (const std::size_t i : all_columns_) {
    for_each_value(schema_.fields[i], batch.column(i),
                   [this](std::size_t row, std::string_view bytes, bool /*null*/) {
                     places_[row] += sizeof(std::uint32_t) + bytes.size();
                   });
  }
  used_ = 0;
  for (std::size_t& place : places_) {  // the size of a row becomes where it begins
    used_ += std::exchange(place, used_);
  }
  if (used_ > scratch_.size()) {
    scratch_.resize(2 * used_);
  }
  for (const std::size_t i : all_columns_) {
    for_each_value(schema_.fields[i], batch.column(i),
                   [this](std::size_t row, std::string_view bytes, bool null) {
                     char* const begin = scratch_.data();
                     places_[row] = static_cast<std::size_t>(
                         put_value(begin + places_[row], bytes, null) - begin);
                   });
  }
  std::size_t begin = 0;
  for (const std::size_t end : places_) {
    const XXH128_hash_t hash = XXH3_128bits(scratch_.data() + begin, end - begin);
    fingerprint.add(hash.high64, hash.low64);
    begin = end;
  }
}

void RowHasher::remove_from(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row) {
  encode(batch, row, all_columns_);
  const XXH128_hash_t hash = XXH3_128bits(scratch_.data(), used_);
  fingerprint.remove(hash.high64, hash.low64);
}

}  // namespace daymill
