#include "socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

namespace daymill::redis_hash {
namespace {

constexpr std::chrono::milliseconds kSlice{250};

std::string error_text(int number) {
  return std::generic_category().message(number);
}

Status broken(const char* doing, int number) {
  if (number == EMFILE || number == ENFILE) {
    return Status(Code::resource_exhausted, std::string(doing) + ": " + error_text(number))
        .next("allow more open files (ulimit -n): every hash of a day has a connection of its own");
  }
  const Code code = number == ETIMEDOUT ? Code::timeout : Code::unavailable;
  return Status(code, std::string(doing) + ": " + error_text(number));
}

Status stopped_waiting() {
  return Status(Code::cancelled, "stopped while waiting for the server");
}

/// From here on recv() itself waits, for a slice at most: one call instead of three for most pages.
Status let_receive_wait(int fd) {
  const timeval slice{0, std::chrono::microseconds(kSlice).count()};
  const bool done = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice) == 0 &&
                    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == 0;
  return done ? Status() : broken("cannot set up the connection", errno);
}

void set_option(int fd, int level, int name, int value) {
  // Without these the connection still works, so a refusal is no error.
  static_cast<void>(setsockopt(fd, level, name, &value, sizeof value));
}

}  // namespace

Result<Socket> Socket::connect(const std::string& host, int port, std::chrono::milliseconds limit,
                               const Host& engine) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
      error != 0) {
    return Status(Code::unavailable,
                  "cannot resolve host \"" + printable(host) + "\": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  TimeLimit time(limit);
  Status last(Code::unavailable, "host \"" + printable(host) + "\" has no address");
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd =
        ::socket(one->ai_family, one->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, one->ai_protocol);
    if (fd < 0) {
      last = broken("cannot connect", errno);
      continue;
    }
    Socket socket(fd, engine);
    last = socket.finish_connect(one->ai_addr, one->ai_addrlen, time);
    if (last.ok()) {
      last = let_receive_wait(fd);
    }
    if (last.ok()) {
      set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
      set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
      set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
      set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
      return socket;
    }
    if (last.code() == Code::cancelled) {
      break;
    }
  }
  return last;
}

Status Socket::finish_connect(const void* address, unsigned size, TimeLimit& limit) {
  if (::connect(fd_, static_cast<const sockaddr*>(address), size) == 0) {
    return {};
  }
  if (errno != EINPROGRESS) {
    return broken("cannot connect", errno);
  }
  if (Status waited = wait(POLLOUT, limit); !waited.ok()) {
    return waited.code() == Code::timeout
               ? Status(Code::timeout, "cannot connect: no answer within " +
                                           std::to_string(limit.total().count()) + " ms")
               : waited;
  }
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
    error = errno;
  }
  return error == 0 ? Status() : broken("cannot connect", error);
}

Socket::~Socket() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Status Socket::wait(short events, TimeLimit& limit) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  for (;;) {
    if (engine_.stop_requested()) {
      return stopped_waiting();
    }
    const auto left = duration_cast<milliseconds>(limit.left());
    if (left.count() <= 0) {
      return Status(Code::timeout,
                    "no answer within " + std::to_string(limit.total().count()) + " ms");
    }
    pollfd waiting{fd_, events, 0};
    const auto begin = std::chrono::steady_clock::now();
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min(left, kSlice).count()));
    const int error = errno;
    limit.take(std::chrono::steady_clock::now() - begin);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && error != EINTR) {
      return broken("cannot wait for the server", error);
    }
  }
}

Status Socket::send(std::string_view bytes, TimeLimit& limit) {
  if (engine_.stop_requested()) {
    return Status(Code::cancelled, "stopped before the next command");
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      DAYMILL_TRY(wait(POLLOUT, limit));
    } else if (errno != EINTR) {
      return broken("connection lost", errno);
    }
  }
  return {};
}

Result<std::size_t> Socket::receive(char* bytes, std::size_t size, TimeLimit& limit) {
  for (;;) {
    if (limit.left() < kSlice) {
      DAYMILL_TRY(wait(POLLIN, limit));
    }
    const auto begin = std::chrono::steady_clock::now();
    const ssize_t got = ::recv(fd_, bytes, size, 0);
    const int error = errno;
    limit.take(std::chrono::steady_clock::now() - begin);
    if (got > 0) {
      return static_cast<std::size_t>(got);
    }
    if (got == 0) {
      return Status(Code::unavailable, "connection lost: the server closed it");
    }
    if (error != EAGAIN && error != EWOULDBLOCK && error != EINTR) {
      return broken("connection lost", error);
    }
    if (engine_.stop_requested()) {
      return stopped_waiting();
    }
  }
}

}  // namespace daymill::redis_hash
