// The growing memory under column builders, and how short values get there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace daymill::detail {

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

}  // namespace daymill::detail
