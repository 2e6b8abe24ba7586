// Some columns of a row as one string of bytes, whose order (memcmp, then the shorter first) is the
// order of the rows: numbers and times by value, text and binary byte by byte, null first.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
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
  /// Appends the row's bytes to those since clear(), and says where they end.
  std::size_t append(const RecordBatch& batch, std::int64_t row);
  /// The same for as many rows from `first` on as there are `ends`. Much faster than one by one,
  /// also to be hashed afterwards: what was written a moment ago is slow to be read in other
  /// widths.
  void append(const RecordBatch& batch, std::int64_t first, std::span<std::size_t> ends);
  /// What was appended; valid until the next append().
  [[nodiscard]] std::string_view bytes() const { return {room_.get(), size_}; }

  /// Appends the values of each row, which lies within `codes`, to the builder's columns of the
  /// same index. What `rows` are afterwards is unspecified.
  void decode(std::string_view codes, std::span<std::string_view> rows, BatchBuilder& out) const;

 private:
  struct CodedColumn {
    std::size_t index;
    Type type;
    std::size_t fixed_size;  // of a value; 0: it depends
    bool nullable;
    bool last;
  };

  static void take_value(const CodedColumn& coded, std::string_view& bytes, ColumnBuilder& column);
  void make_room(std::size_t bytes);
  static std::size_t most_bytes(const CodedColumn& coded, const Column& column, std::int64_t first,
                                std::size_t rows);
  /// To where there is room; where the next one goes.
  static char* put_value(const CodedColumn& coded, const Column& column, std::int64_t row,
                         char* to);

  std::vector<CodedColumn> columns_;
  std::unique_ptr<char[]> room_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace daymill
