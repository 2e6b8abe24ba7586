// Some columns of a row as one string of bytes, whose order (memcmp, then the shorter first) is the
// order of the rows: numbers and times by value, text and binary byte by byte, null first.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/schema.hpp"

namespace daymill {

/// One byte of 1 before a value of a nullable column, 0 for its null. Then integers, big-endian
/// with the sign bit turned over; a float64's bits likewise, all of them turned over below zero
/// (IEEE 754 totalOrder); text and binary with 00 as 00 FF and 00 01 at the end, or as it is when
/// it is the last column. One thread at a time.
class OrderedCode {
 public:
  OrderedCode(const Schema& schema, std::vector<std::size_t> columns);

  void clear() { size_ = 0; }
  /// Appends the row's bytes to those since clear(), and says where they end. Several rows at once
  /// are much faster than one by one when they are hashed afterwards: what was written a moment ago
  /// is slow to be read in other widths.
  std::size_t append(const RecordBatch& batch, std::int64_t row);
  /// What was appended; valid until the next append().
  [[nodiscard]] std::string_view bytes() const { return {room_.get(), size_}; }

  /// Appends the values to the builder's columns of the same index.
  void decode(std::string_view bytes, BatchBuilder& out) const;

 private:
  struct CodedColumn {
    std::size_t index;
    Type type;
    bool nullable;
    bool last;
  };

  char* make_room(std::size_t bytes);

  std::vector<CodedColumn> columns_;
  std::unique_ptr<char[]> room_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace daymill
