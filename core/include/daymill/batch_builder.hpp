// Builders that fill batches.
//
//   BatchBuilder builder(schema);                       // schema: ad_id int64, search_word text
//   builder.column(0).append_int64(7);
//   builder.column(1).append_bytes("shoes");
//   builder.end_row();
//   RecordBatch batch = builder.finish();               // builder is empty again
//
// Nothing here is thread-safe.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/detail/buffer.hpp"
#include "daymill/schema.hpp"

namespace daymill {

namespace detail {

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

}  // namespace detail

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
