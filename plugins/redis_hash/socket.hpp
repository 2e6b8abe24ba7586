// A TCP connection whose every wait is bounded and stops when the engine asks for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "daymill/plugin.hpp"

namespace daymill::redis_hash {

/// How long somebody is still ready to wait. Only waiting is taken off, so that a slow consumer
/// between two calls costs nothing.
class TimeLimit {
 public:
  explicit TimeLimit(std::chrono::milliseconds total) : total_(total), left_(total) {}
  void restart() { left_ = total_; }
  void take(std::chrono::steady_clock::duration waited) { left_ -= waited; }
  [[nodiscard]] std::chrono::steady_clock::duration left() const { return left_; }
  [[nodiscard]] std::chrono::milliseconds total() const { return total_; }

 private:
  std::chrono::milliseconds total_;
  std::chrono::steady_clock::duration left_;
};

/// Owns one connected socket. Errors: UNAVAILABLE (refused, reset, closed, unknown host), TIMEOUT,
/// CANCELLED. One thread at a time.
class Socket {
 public:
  static Result<Socket> connect(const std::string& host, int port, std::chrono::milliseconds limit,
                                const Host& engine);
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), engine_(other.engine_) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  Status send(std::string_view bytes, TimeLimit& limit);
  /// Waits for bytes and reads at most `size` of them; at least one.
  Result<std::size_t> receive(char* bytes, std::size_t size, TimeLimit& limit);

 private:
  Socket(int fd, const Host& engine) : fd_(fd), engine_(engine) {}
  [[nodiscard]] Status wait(short events, TimeLimit& limit) const;
  Status finish_connect(const void* address, unsigned size, TimeLimit& limit);

  int fd_;
  Host engine_;
};

}  // namespace daymill::redis_hash
