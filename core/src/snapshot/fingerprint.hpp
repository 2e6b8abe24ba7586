// Fingerprint of a split, and the hashes that bucket its rows.
//
// The fingerprint is the number of distinct rows and the sum modulo 2^128 of the rows' hashes, so
// it does not depend on their order. A row's hash is XXH3-128 (seed 0, xxhash.com) of its columns,
// each as a 4-byte little-endian length and its bytes (length 0xffffffff and no bytes for null).
// Text form: "<rows>-<32 hexadecimal digits>".
#pragma once

#include <cstdint>
#include <string>
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

/// Hashes rows of one schema. Keeps a scratch buffer: one thread at a time.
class RowHasher {
 public:
  explicit RowHasher(const Schema& schema);

  [[nodiscard]] bool has_key() const { return !key_columns_.empty(); }
  /// XXH3-64 of the key columns; 0 when the schema has none.
  std::uint64_t key_hash(const RecordBatch& batch, std::int64_t row);
  [[nodiscard]] bool same_key(const RecordBatch& a, std::int64_t row_a, const RecordBatch& b,
                              std::int64_t row_b) const;
  /// Adds the row to the fingerprint, or takes it out again.
  void add_to(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row);
  void remove_from(Fingerprint& fingerprint, const RecordBatch& batch, std::int64_t row);

 private:
  void append(const RecordBatch& batch, std::int64_t row, std::size_t column);
  void encode_row(const RecordBatch& batch, std::int64_t row);

  Schema schema_;
  std::vector<std::size_t> key_columns_;
  std::string scratch_;
};

/// The bytes of one value as they are in memory: fixed-size types little-endian, booleans one byte.
/// The view lives as long as the batch (booleans: static). Must not be asked of a null.
std::string_view value_bytes(const Field& field, const Column& column, std::int64_t row);

}  // namespace daymill
