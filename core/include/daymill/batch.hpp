// Batches of typed columns in Arrow layout. batch_builder.hpp makes them.
//
// Column and RecordBatch are move-only owners of immutable data; moving or passing a column through
// costs no copy. Nothing here is thread-safe to modify; immutable data may be read from several
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/arrow_abi.h"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"

namespace daymill {

/// One immutable column: owns one ArrowArray (daymill's profile, see arrow_abi.h). The type is the
/// schema's to know; the accessors assume the caller asks for the right one.
class Column {
 public:
  Column() = default;
  /// Takes ownership of `array`, whose release is then cleared.
  explicit Column(ArrowArray* array) : array_(*array) { array->release = nullptr; }
  Column(Column&& other) noexcept : array_(other.array_) { other.array_.release = nullptr; }
  Column& operator=(Column&& other) noexcept {
    std::swap(array_, other.array_);
    return *this;
  }
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  ~Column() {
    if (array_.release != nullptr) {
      array_.release(&array_);
    }
  }

  [[nodiscard]] std::int64_t length() const { return array_.length; }
  [[nodiscard]] std::int64_t null_count() const { return array_.null_count; }
  [[nodiscard]] const std::uint8_t* validity() const {
    return static_cast<const std::uint8_t*>(array_.buffers[0]);
  }
  [[nodiscard]] bool is_null(std::int64_t row) const {
    const std::uint8_t* bits = validity();
    return array_.null_count != 0 && bits != nullptr && ((bits[row >> 3] >> (row & 7)) & 1) == 0;
  }

  /// int64 and timestamp columns; `length()` values. Values of null rows are unspecified but
  /// readable.
  [[nodiscard]] const std::int64_t* int64s() const {
    return static_cast<const std::int64_t*>(array_.buffers[1]);
  }
  [[nodiscard]] const double* float64s() const {
    return static_cast<const double*>(array_.buffers[1]);
  }
  /// date columns: days since 1970-01-01.
  [[nodiscard]] const std::int32_t* dates() const {
    return static_cast<const std::int32_t*>(array_.buffers[1]);
  }
  [[nodiscard]] bool boolean(std::int64_t row) const {
    const auto* bits = static_cast<const std::uint8_t*>(array_.buffers[1]);
    return ((bits[row >> 3] >> (row & 7)) & 1) != 0;
  }
  /// text and binary columns: length() + 1 offsets into bytes().
  [[nodiscard]] const std::int32_t* offsets() const {
    return static_cast<const std::int32_t*>(array_.buffers[1]);
  }
  [[nodiscard]] const char* bytes() const { return static_cast<const char*>(array_.buffers[2]); }
  [[nodiscard]] std::string_view bytes_at(std::int64_t row) const {
    const std::int32_t* ends = offsets();
    const auto size = static_cast<std::size_t>(ends[row + 1] - ends[row]);
    return size == 0 ? std::string_view() : std::string_view(bytes() + ends[row], size);
  }

  [[nodiscard]] const ArrowArray& array() const { return array_; }
  /// Hands the array over; this column is empty afterwards.
  ArrowArray release_array() {
    ArrowArray moved = array_;
    array_.release = nullptr;
    return moved;
  }

 private:
  ArrowArray array_{};
};

/// Rows of a schema: one Column per field, all of the same length.
class RecordBatch {
 public:
  RecordBatch() = default;
  RecordBatch(std::int64_t num_rows, std::vector<Column> columns)
      : num_rows_(num_rows), columns_(std::move(columns)) {}

  [[nodiscard]] std::int64_t num_rows() const { return num_rows_; }
  [[nodiscard]] std::size_t num_columns() const { return columns_.size(); }
  [[nodiscard]] const Column& column(std::size_t index) const { return columns_[index]; }
  /// Takes the columns out, to pass some of them on unchanged.
  std::vector<Column> release_columns() {
    num_rows_ = 0;
    return std::move(columns_);
  }

  /// Moves the batch into *out, which the receiver releases.
  void export_to(ArrowArray* out) &&;
  /// Takes ownership of *array and of its children.
  static RecordBatch import_from(ArrowArray* array);
  /// A second batch over the same columns, which live until both are gone. Costs one small
  /// allocation per column.
  static RecordBatch share(std::shared_ptr<const RecordBatch> batch);

 private:
  std::int64_t num_rows_ = 0;
  std::vector<Column> columns_;
};

namespace detail {

struct OwnedChildren {
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
  const void* no_validity = nullptr;
};

inline void release_owned_batch(ArrowArray* array) {
  auto* owned = static_cast<OwnedChildren*>(array->private_data);
  for (ArrowArray& child : owned->children) {
    if (child.release != nullptr) {
      child.release(&child);
    }
  }
  delete owned;
  array->release = nullptr;
}

inline void release_shared_column(ArrowArray* array) {
  delete static_cast<std::shared_ptr<const RecordBatch>*>(array->private_data);
  array->release = nullptr;
}

}  // namespace detail

inline void RecordBatch::export_to(ArrowArray* out) && {
  auto owned = std::make_unique<detail::OwnedChildren>();
  owned->children.reserve(columns_.size());
  for (Column& column : columns_) {
    owned->children.push_back(column.release_array());
  }
  for (ArrowArray& child : owned->children) {
    owned->pointers.push_back(&child);
  }
  *out = ArrowArray{};
  out->length = num_rows_;
  out->n_buffers = 1;
  out->buffers = &owned->no_validity;
  out->n_children = static_cast<std::int64_t>(owned->children.size());
  out->children = owned->pointers.data();
  out->release = detail::release_owned_batch;
  out->private_data = owned.release();
  columns_.clear();
  num_rows_ = 0;
}

inline RecordBatch RecordBatch::import_from(ArrowArray* array) {
  std::vector<Column> columns;
  columns.reserve(static_cast<std::size_t>(array->n_children));
  for (std::int64_t i = 0; i < array->n_children; ++i) {
    columns.emplace_back(array->children[i]);
  }
  RecordBatch batch(array->length, std::move(columns));
  array->release(array);
  return batch;
}

inline RecordBatch RecordBatch::share(std::shared_ptr<const RecordBatch> batch) {
  std::vector<Column> columns;
  columns.reserve(batch->num_columns());
  for (std::size_t i = 0; i < batch->num_columns(); ++i) {
    ArrowArray array = batch->column(i).array();
    array.private_data = new std::shared_ptr<const RecordBatch>(batch);
    array.release = detail::release_shared_column;
    columns.emplace_back(&array);
  }
  return RecordBatch(batch->num_rows(), std::move(columns));
}

}  // namespace daymill
