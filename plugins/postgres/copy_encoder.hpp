// Rows into the bytes of PostgreSQL's COPY. Binary is the hot path; text serves target types whose
// binary form is not the column's own (numeric).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "binding.hpp"
#include "daymill/batch.hpp"

namespace daymill::postgres {

/// Bytes to send, reused from chunk to chunk; grows only for rows larger than any before.
class CopyBuffer {
 public:
  /// A chunk is handed on at about this size.
  static constexpr std::size_t kChunk = std::size_t{256} * 1024;

  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_full() const { return size_ >= kChunk; }
  void clear() { size_ = 0; }
  /// Room for `count` bytes; what is written there counts after advance().
  char* reserve(std::size_t count) {
    if (size_ + count > capacity_) {
      grow(count);
    }
    return data_.get() + size_;
  }
  void advance_to(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

 private:
  void grow(std::size_t count);
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// For one partition. Use from one thread at a time.
class CopyEncoder {
 public:
  virtual ~CopyEncoder() = default;
  /// What follows FORMAT in the COPY statement.
  [[nodiscard]] virtual const char* format() const = 0;
  virtual void begin(CopyBuffer& out) const = 0;
  /// Appends rows from `row` on until the buffer is full or the batch ends; the first row that is
  /// left. INVALID_DATA for a date that PostgreSQL does not have.
  virtual Result<std::int64_t> append(const RecordBatch& batch, std::int64_t row,
                                      CopyBuffer& out) const = 0;
  virtual void end(CopyBuffer& out) const = 0;

  [[nodiscard]] static std::unique_ptr<CopyEncoder> make(const Binding& binding,
                                                         std::int32_t partition_day);
};

[[nodiscard]] std::unique_ptr<CopyEncoder> make_binary_encoder(std::vector<BoundColumn> columns,
                                                               std::int32_t partition_day);
[[nodiscard]] std::unique_ptr<CopyEncoder> make_text_encoder(std::vector<BoundColumn> columns,
                                                             std::int32_t partition_day);

}  // namespace daymill::postgres
