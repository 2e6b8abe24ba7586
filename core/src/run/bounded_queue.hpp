// A queue between two threads that holds at most a stated number of bytes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace daymill {

/// A push blocks while the queue is full (one element always fits, so nothing is too large), a pop
/// while it is empty. One thread pops.
template <typename T>
class BoundedQueue {
 public:
  /// Who pops is left asleep until `bytes_at_once` are there (or nothing more fits, or comes): of
  /// small elements many are worth waking for.
  explicit BoundedQueue(std::size_t max_bytes, std::size_t bytes_at_once = 0)
      : max_bytes_(max_bytes), bytes_at_once_(bytes_at_once) {}

  /// False when the queue was closed: the element is dropped.
  bool push(T element, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    const auto fits = [&] { return closed_ || elements_.empty() || bytes_ + bytes <= max_bytes_; };
    if (!fits()) {
      awake_ = true;
      changed_.notify_all();
      changed_.wait(lock, fits);
    }
    if (closed_) {
      return false;
    }
    elements_.emplace_back(std::move(element), bytes);
    bytes_ += bytes;
    if (bytes_ >= bytes_at_once_ && !std::exchange(awake_, true)) {
      changed_.notify_all();
    }
    return true;
  }
  /// Nothing when the queue was closed and all its elements are taken.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    if (elements_.empty()) {
      awake_ = false;
    }
    changed_.wait(lock, [&] { return closed_ || (awake_ && !elements_.empty()); });
    if (elements_.empty()) {
      return std::nullopt;
    }
    auto [element, bytes] = std::move(elements_.front());
    elements_.pop_front();
    bytes_ -= bytes;
    changed_.notify_all();
    return std::move(element);
  }
  /// No more pushes. What is in it can still be popped.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const std::size_t max_bytes_;
  const std::size_t bytes_at_once_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<T, std::size_t>> elements_;
  std::size_t bytes_ = 0;
  bool awake_ = false;  // who pops takes all there is before it sleeps again
  bool closed_ = false;
};

}  // namespace daymill
