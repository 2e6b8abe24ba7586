#include "snapshot/fingerprint.hpp"

#include <cstring>
#include <numeric>
#include <utility>

#include "daymill/detail/buffer.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daymill {

namespace {

/// Writes one value with its length before it; where the next one goes.
char* put_value(char* to, std::string_view bytes, bool null, const char* readable_end) {
  const std::uint32_t size = null ? 0xffffffffu : static_cast<std::uint32_t>(bytes.size());
  std::memcpy(to, &size, sizeof size);  // the hosts daymill builds for are little-endian
  detail::copy_slice(to + sizeof size, bytes.data(), bytes.size(), readable_end);
  return to + sizeof size + bytes.size();
}

/// Text or binary without nulls: what most sources give.
bool is_plain_bytes(const Schema& schema, const RecordBatch& batch, std::size_t column) {
  return is_var_length(schema.fields[column].type) && batch.column(column).null_count() == 0;
}

/// No more than the values of a column have.
std::size_t most_bytes(Type type, const Column& column) {
  return is_var_length(type)
             ? static_cast<std::size_t>(column.offsets()[column.length()] - column.offsets()[0])
             : static_cast<std::size_t>(column.length()) * sizeof(std::int64_t);
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
    make_room(used_ + sizeof(std::uint32_t) + bytes.size());
    char* const to = scratch_.data() + used_;
    used_ += static_cast<std::size_t>(put_value(to, bytes, null, bytes.data()) - to);
  }
}

/// For so many bytes of scratch_, and what copies may write behind them.
void RowHasher::make_room(std::size_t bytes) {
  if (bytes + detail::kCopySlack > scratch_.size()) {
    scratch_.resize(2 * bytes + detail::kCopySlack);
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

void RowHasher::key_hashes(const RecordBatch& batch, std::vector<std::uint64_t>& hashes) {
  hashes.resize(static_cast<std::size_t>(batch.num_rows()));
  if (key_columns_.size() == 1 && is_plain_bytes(schema_, batch, key_columns_[0])) {
    const Column& column = batch.column(key_columns_[0]);
    for (std::size_t row = 0; row < hashes.size(); ++row) {
      const std::string_view bytes = column.bytes_at(static_cast<std::int64_t>(row));
      hashes[row] = XXH3_64bits(bytes.data(), bytes.size());
    }
    return;
  }
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    hashes[row] = key_hash(batch, static_cast<std::int64_t>(row));
  }
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
  const auto num_rows = static_cast<std::size_t>(batch.num_rows());
  std::size_t most = num_rows * all_columns_.size() * sizeof(std::uint32_t);
  for (const std::size_t i : all_columns_) {
    most += most_bytes(schema_.fields[i].type, batch.column(i));
  }
  make_room(most);
  // All rows before the first is hashed: bytes that were written a moment ago are slow to be read
  // in other widths.
  ends_.resize(num_rows);
  char* to = scratch_.data();
  for (std::size_t row = 0; row < num_rows; ++row) {
    to = put_row(to, batch, static_cast<std::int64_t>(row));
    ends_[row] = static_cast<std::size_t>(to - scratch_.data());
  }
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    const XXH128_hash_t hash = XXH3_128bits(scratch_.data() + begin, end - begin);
    fingerprint.add(hash.high64, hash.low64);
    begin = end;
  }
}

char* RowHasher::put_row(char* to, const RecordBatch& batch, std::int64_t row) const {
  for (const std::size_t i : all_columns_) {
    const Column& column = batch.column(i);
    const Field& field = schema_.fields[i];
    if (is_plain_bytes(schema_, batch, i)) {
      const std::int32_t* const ends = column.offsets();
      const auto size = static_cast<std::size_t>(ends[row + 1] - ends[row]);
      to = put_value(to, {column.bytes() + ends[row], size}, false,
                     column.bytes() + ends[column.length()]);
    } else {
      const bool null = column.is_null(row);
      const std::string_view bytes = null ? std::string_view() : value_bytes(field, column, row);
      to = put_value(to, bytes, null, bytes.data());
    }
  }
  return to;
}

void RowHasher::remove_from(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row) {
  encode(batch, row, all_columns_);
  const XXH128_hash_t hash = XXH3_128bits(scratch_.data(), used_);
  fingerprint.remove(hash.high64, hash.low64);
}

}  // namespace daymill
