// Batches of typed columns in Arrow layout, and the builders that fill them.
//
//   BatchBuilder builder(schema);                       // schema: ad_id int64, search_word text
//   builder.column(0).append_int64(7);
//   builder.column(1).append_bytes("shoes");
//   builder.end_row();
//   RecordBatch batch = builder.finish();               // builder is empty again
//
// Column and RecordBatch are move-only owners of immutable data; moving or passing a column through
// costs no copy. Nothing here is thread-safe to modify; immutable data may be read from several
// threads.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
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

/// memcpy, in place for the few bytes that most values have.
inline void copy_bytes(char* to, const char* from, std::size_t size) {
  if (size > 32) {
    std::memcpy(to, from, size);
  } else if (size >= 16) {  // two pieces that may overlap, here and below
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else if (size != 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

/// So much more than what is copied may be written behind it by copy_slice().
inline constexpr std::size_t kCopySlack = 32;

/// copy_bytes() of bytes that lie before `readable_end`: most times a copy of one size, whatever
/// theirs is, so that the processor need not guess it.
inline void copy_slice(char* to, const char* from, std::size_t size, const char* readable_end) {
  if (size - 1 < kCopySlack && static_cast<std::size_t>(readable_end - from) >= kCopySlack) {
    std::memcpy(to, from, kCopySlack);
  } else {
    copy_bytes(to, from, size);
  }
}

/// Growing memory, handed over to an ArrowArray at the end. It is aligned as malloc() aligns:
/// enough for every type here, and much cheaper than the 64 bytes that Arrow recommends.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  void clear() { size_ = 0; }
  [[nodiscard]] char* data() { return data_; }
  [[nodiscard]] const char* data() const { return data_; }
  void append(const char* bytes, std::size_t count) {
    if (count != 0) {
      copy_bytes(grow_by(count), bytes, count);
    }
  }
  template <typename T>
  void append_value(T value) {
    std::memcpy(grow_by(sizeof(T)), &value, sizeof(T));
  }
  void append_zeros(std::size_t count) {
    if (count != 0) {
      std::memset(grow_by(count), 0, count);
    }
  }
  void append_bit(std::int64_t row, bool bit) {
    if ((row & 7) == 0) {
      append_value<std::uint8_t>(0);
    }
    if (bit) {
      data_[row >> 3] =
          static_cast<char>(static_cast<unsigned char>(data_[row >> 3]) | (1u << (row & 7)));
    }
  }
  /// Room for `count` more bytes, counted as used, and for kCopySlack that are not.
  char* grow_by(std::size_t count) {
    if (size_ + count + kCopySlack > capacity_) {
      reserve(size_ + count + kCopySlack);
    }
    char* place = data_ + size_;
    size_ += count;
    return place;
  }
  /// The memory, at least one byte long so that it is never null; free with std::free. The next
  /// content is expected to be about as large: there will be an eighth more room.
  char* release() {
    if (data_ == nullptr) {
      reserve(1);
    }
    first_capacity_ = std::max(size_ + size_ / 8 + kCopySlack, kLeastCapacity);
    size_ = capacity_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  void reserve(std::size_t wanted) {
    std::size_t capacity = capacity_ == 0 ? first_capacity_ : capacity_ * 2;
    while (capacity < wanted) {
      capacity *= 2;
    }
    auto* grown = static_cast<char*>(std::realloc(data_, capacity));
    if (grown == nullptr) {
      throw std::bad_alloc();
    }
    data_ = grown;
    capacity_ = capacity;
  }

  static constexpr std::size_t kLeastCapacity = 256;

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t first_capacity_ = kLeastCapacity;
};

struct OwnedBuffers {
  const void* pointers[3] = {nullptr, nullptr, nullptr};
};

inline void release_owned_column(ArrowArray* array) {
  auto* owned = static_cast<OwnedBuffers*>(array->private_data);
  for (const void* pointer : owned->pointers) {
    std::free(const_cast<void*>(pointer));
  }
  delete owned;
  array->release = nullptr;
}

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

/// Builds one column. The append function must match the type; nothing checks that but an assert.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type) : type_(type) {}

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] std::int64_t length() const { return length_; }
  [[nodiscard]] std::size_t byte_size() const { return values_.size() + bytes_.size(); }

  void append_int64(std::int64_t value) {  // int64, timestamp
    assert(type_ == Type::int64 || type_ == Type::timestamp);
    values_.append_value(value);
    end_value();
  }
  void append_float64(double value) {
    assert(type_ == Type::float64);
    values_.append_value(value);
    end_value();
  }
  void append_date(std::int32_t days) {
    assert(type_ == Type::date);
    values_.append_value(days);
    end_value();
  }
  void append_boolean(bool value) {
    assert(type_ == Type::boolean);
    values_.append_bit(length_, value);
    end_value();
  }
  /// text (the caller knows that it is valid UTF-8) and binary.
  void append_bytes(std::string_view value) {
    assert(is_var_length(type_));
    start_offsets();
    bytes_.append(value.data(), value.size());
    values_.append_value(static_cast<std::int32_t>(bytes_.size()));
    end_value();
  }
  /// Many values at once, none of them null: much cheaper than one by one.
  void append_int64s(const std::int64_t* values, std::int64_t count) {
    assert(type_ == Type::int64 || type_ == Type::timestamp);
    values_.append(reinterpret_cast<const char*>(values), static_cast<std::size_t>(count) * 8);
    end_values(count);
  }
  /// Likewise; the values lie within `all`.
  void append_slices(std::string_view all, const std::string_view* values, std::int64_t count) {
    assert(is_var_length(type_));
    std::size_t total = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      total += values[i].size();
    }
    append_slices(all.data() + all.size(), total, count,
                  [values](std::int64_t i) { return values[i]; });
  }
  void append_null() { append_nulls(1); }
  void append_nulls(std::int64_t count) {
    if (null_count_ == 0) {
      append_validity(0, length_, true);
    }
    append_validity(length_, count, false);
    const auto values = static_cast<std::size_t>(count);
    switch (type_) {
      case Type::boolean:
        for (std::int64_t row = length_; row < length_ + count; ++row) {
          values_.append_bit(row, false);
        }
        break;
      case Type::int64:
      case Type::timestamp:
      case Type::float64:
        values_.append_zeros(values * 8);
        break;
      case Type::date:
        values_.append_zeros(values * 4);
        break;
      case Type::text:
      case Type::binary:
        start_offsets();
        for (std::size_t i = 0; i < values; ++i) {
          values_.append_value(static_cast<std::int32_t>(bytes_.size()));
        }
        break;
    }
    null_count_ += count;
    length_ += count;
  }
  /// Appends row `row` of a column of the same type.
  void append_from(const Column& column, std::int64_t row) {
    if (column.is_null(row)) {
      append_null();
      return;
    }
    switch (type_) {
      case Type::boolean:
        append_boolean(column.boolean(row));
        break;
      case Type::int64:
      case Type::timestamp:
        append_int64(column.int64s()[row]);
        break;
      case Type::float64:
        append_float64(column.float64s()[row]);
        break;
      case Type::date:
        append_date(column.dates()[row]);
        break;
      case Type::text:
      case Type::binary:
        append_bytes(column.bytes_at(row));
        break;
    }
  }

  /// The same of `count` rows, in the order of their numbers in `rows`: much cheaper.
  void append_from(const Column& column, const std::int64_t* rows, std::int64_t count) {
    if (!is_var_length(type_) || column.null_count() != 0) {
      for (std::int64_t i = 0; i < count; ++i) {
        append_from(column, rows[i]);
      }
      return;
    }
    const std::int32_t* const ends = column.offsets();
    const char* const bytes = column.bytes();
    std::size_t total = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      total += static_cast<std::size_t>(ends[rows[i] + 1] - ends[rows[i]]);
    }
    append_slices(bytes + ends[column.length()], total, count, [=](std::int64_t i) {
      const std::int64_t row = rows[i];
      return std::string_view(bytes + ends[row],
                              static_cast<std::size_t>(ends[row + 1] - ends[row]));
    });
  }

  /// The column so far; the builder is empty again.
  Column finish() {
    const bool var_length = is_var_length(type_);
    if (var_length) {
      start_offsets();
    }
    auto owned = std::make_unique<detail::OwnedBuffers>();
    owned->pointers[0] = null_count_ == 0 ? nullptr : validity_.release();
    owned->pointers[1] = values_.release();
    owned->pointers[2] = var_length ? bytes_.release() : nullptr;
    ArrowArray array{};
    array.length = length_;
    array.null_count = null_count_;
    array.n_buffers = var_length ? 3 : 2;
    array.buffers = owned->pointers;
    array.release = detail::release_owned_column;
    array.private_data = owned.release();
    length_ = null_count_ = 0;
    validity_ = detail::Buffer();
    return Column(&array);
  }

 private:
  void start_offsets() {
    if (values_.size() == 0) {
      values_.append_value<std::int32_t>(0);
    }
  }
  /// slice(i) for i from 0 to count - 1, `total` bytes altogether, all before `readable_end`.
  template <typename Slice>
  void append_slices(const char* readable_end, std::size_t total, std::int64_t count,
                     const Slice& slice) {
    start_offsets();
    std::size_t size = bytes_.size();
    char* bytes = bytes_.grow_by(total);
    char* offsets = values_.grow_by(static_cast<std::size_t>(count) * sizeof(std::int32_t));
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string_view value = slice(i);
      detail::copy_slice(bytes, value.data(), value.size(), readable_end);
      bytes += value.size();
      size += value.size();
      const auto offset = static_cast<std::int32_t>(size);
      std::memcpy(offsets, &offset, sizeof offset);
      offsets += sizeof offset;
    }
    end_values(count);
  }
  void append_validity(std::int64_t from, std::int64_t count, bool valid) {
    for (std::int64_t row = from; row < from + count; ++row) {
      validity_.append_bit(row, valid);
    }
  }
  void end_value() { end_values(1); }
  void end_values(std::int64_t count) {
    if (null_count_ != 0) {
      append_validity(length_, count, true);
    }
    length_ += count;
  }

  Type type_;
  std::int64_t length_ = 0;
  std::int64_t null_count_ = 0;
  detail::Buffer validity_;
  detail::Buffer values_;  // fixed-size values, bits or offsets
  detail::Buffer bytes_;
};

/// Builds batches of one schema, row by row over its column builders.
class BatchBuilder {
 public:
  /// A batch is worth handing over at about this size; a row may go beyond it.
  static constexpr std::size_t kTargetBytes = std::size_t{1} << 20;
  static constexpr std::int64_t kTargetRows = 32768;

  explicit BatchBuilder(const Schema& schema) {
    columns_.reserve(schema.size());
    for (const Field& field : schema.fields) {
      columns_.emplace_back(field.type);
    }
  }

  [[nodiscard]] std::size_t num_columns() const { return columns_.size(); }
  [[nodiscard]] ColumnBuilder& column(std::size_t index) {
    if (whole_.num_columns() != 0) {
      unpack();
    }
    return columns_[index];
  }
  [[nodiscard]] std::int64_t num_rows() const { return num_rows_; }
  /// To be called after every column got its value of the row.
  void end_row() { ++num_rows_; }
  void end_rows(std::int64_t count) { num_rows_ += count; }
  /// Appends all rows of a batch of the same schema; an empty builder takes it over without a copy.
  void append(RecordBatch batch) {
    assert(batch.num_columns() == columns_.size());
    if (num_rows_ == 0) {
      num_rows_ = batch.num_rows();
      whole_ = std::move(batch);
      return;
    }
    unpack();
    copy_rows(batch);
    num_rows_ += batch.num_rows();
  }
  [[nodiscard]] std::size_t byte_size() const {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      bytes += whole_.num_columns() != 0 ? byte_size_of(whole_.column(i), columns_[i].type())
                                         : columns_[i].byte_size();
    }
    return bytes;
  }
  [[nodiscard]] bool is_full() const {
    return num_rows_ >= kTargetRows || byte_size() >= kTargetBytes;
  }

  RecordBatch finish() {
    if (whole_.num_columns() != 0) {
      assert(whole_.num_rows() == num_rows_);
      num_rows_ = 0;
      return std::exchange(whole_, RecordBatch());
    }
    std::vector<Column> columns;
    columns.reserve(columns_.size());
    for (ColumnBuilder& builder : columns_) {
      assert(builder.length() == num_rows_);
      columns.push_back(builder.finish());
    }
    return RecordBatch(std::exchange(num_rows_, 0), std::move(columns));
  }

 private:
  static std::size_t byte_size_of(const Column& column, Type type) {
    const auto rows = static_cast<std::size_t>(column.length());
    switch (type) {
      case Type::boolean:
        return (rows + 7) / 8;
      case Type::int64:
      case Type::timestamp:
      case Type::float64:
        return rows * 8;
      case Type::date:
        return rows * 4;
      case Type::text:
      case Type::binary:
        return rows == 0 ? 0 : rows * 4 + static_cast<std::size_t>(column.offsets()[rows]);
    }
    return 0;
  }
  void copy_rows(const RecordBatch& batch) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        columns_[i].append_from(batch.column(i), row);
      }
    }
  }
  /// Copies a batch that was taken over whole into the column builders.
  void unpack() {
    const RecordBatch batch = std::exchange(whole_, RecordBatch());
    if (batch.num_columns() != 0) {
      copy_rows(batch);
    }
  }

  std::vector<ColumnBuilder> columns_;
  std::int64_t num_rows_ = 0;
  RecordBatch whole_;  // taken over by append(); the column builders are empty while it has columns
};

}  // namespace daymill
