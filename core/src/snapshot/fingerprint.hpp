// Fingerprint of a split, and the hashes that bucket its rows.
//
// The fingerprint is the number of distinct rows and the sum modulo 2^128 of the rows' hashes, so
// it does not depend on their order. A row's hash is XXH3-128 (seed 0, xxhash.com) of its columns,
// each as a 4-byte little-endian length and its bytes (length 0xffffffff and no bytes for null).
// Text form: "<rows>-<32 hexadecimal digits>".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/schema.hpp"

namespace daymill {

class Fingerprint {
 public:
  void add(std::uint64_t high, std::uint64_t low);
  /// Takes a row out that was added before.
  void remove(std::uint64_t high, std::uint64_t low);
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::string text() const;

 private:
  std::int64_t rows_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

/// The bytes of one value as they are in memory: fixed-size types little-endian, booleans one byte.
/// The view lives as long as the batch (booleans: static). Must not be asked of a null.
inline std::string_view value_bytes(const Field& field, const Column& column, std::int64_t row) {
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

/// Hashes rows of one schema. Keeps a scratch buffer: one thread at a time.
class RowHasher {
 public:
  explicit RowHasher(const Schema& schema);

  [[nodiscard]] bool has_key() const { return !key_columns_.empty(); }
  /// XXH3-64 of the key columns; 0 when the schema has none.
  std::uint64_t key_hash(const RecordBatch& batch, std::int64_t row);
  /// The same of all rows.
  void key_hashes(const RecordBatch& batch, std::vector<std::uint64_t>& hashes);
  [[nodiscard]] bool same_key(const RecordBatch& a, std::int64_t row_a, const RecordBatch& b,
                              std::int64_t row_b) const;
  /// Adds all rows to the fingerprint, or takes one out again.
  void add_to(Fingerprint& fingerprint, const RecordBatch& batch);
  void remove_from(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row);

 private:
  /// Writes these columns of the row to scratch_, each with its length before it.
  void encode(const RecordBatch& batch, std::int64_t row, const std::vector<std::size_t>& columns);
  /// The same of all columns, to where there is room; where the next row goes.
  char* put_row(char* to, const RecordBatch& batch, std::int64_t row) const;
  void make_room(std::size_t bytes);

  Schema schema_;
  std::vector<std::size_t> all_columns_;
  std::vector<std::size_t> key_columns_;
  std::vector<char> scratch_;
  std::size_t used_ = 0;           // of scratch_
  std::vector<std::size_t> ends_;  // in it, of each row of a batch
};

}  // namespace daymill
