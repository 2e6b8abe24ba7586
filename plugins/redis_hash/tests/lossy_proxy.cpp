#include "lossy_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace daymill::redis_hash {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

LossyProxy::LossyProxy(int redis_port, Loses loses, std::function<void()> before_exec)
    : redis_port_(redis_port),
      loses_(loses),
      before_exec_(std::move(before_exec)),
      listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

LossyProxy::~LossyProxy() {
  stop_ = true;
  thread_.join();
  for (const Pair& pair : pairs_) {
    ::close(pair.client);
    ::close(pair.redis);
  }
  ::close(listener_);
}

void LossyProxy::run() {
  while (!stop_) {
    std::vector<pollfd> waiting = {{listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      waiting.push_back({pair.client, POLLIN, 0});
      waiting.push_back({pair.redis, POLLIN, 0});
    }
    ::poll(waiting.data(), waiting.size(), 50);
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      const bool from_client = waiting[1 + 2 * i].revents != 0;
      const bool from_redis = waiting[2 + 2 * i].revents != 0;
      if ((from_client && !forward(pairs_[i], true)) ||
          (from_redis && !forward(pairs_[i], false))) {
        ::close(pairs_[i].client);
        ::close(pairs_[i].redis);
        pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (waiting[0].revents != 0) {
      accept_one();
    }
  }
}

void LossyProxy::accept_one() {
  const sockaddr_in address = loopback(redis_port_);
  const Pair pair{::accept(listener_, nullptr, nullptr), ::socket(AF_INET, SOCK_STREAM, 0)};
  if (::connect(pair.redis, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(pair.client);
    ::close(pair.redis);
    return;
  }
  pairs_.push_back(pair);
}

bool LossyProxy::forward(const Pair& pair, bool from_client) {
  char bytes[64 * 1024];
  const ssize_t got = ::recv(from_client ? pair.client : pair.redis, bytes, sizeof bytes, 0);
  if (got <= 0) {
    return false;
  }
  const std::string_view piece(bytes, static_cast<std::size_t>(got));
  const bool exec = from_client && piece.find("\r\nEXEC\r\n") != std::string_view::npos;
  if (exec && before_exec_) {
    before_exec_();
  }
  if (exec && loses_ == Loses::request) {
    return false;
  }
  send_all(from_client ? pair.redis : pair.client, piece);
  if (exec && loses_ == Loses::answer) {
    static_cast<void>(::recv(pair.redis, bytes, sizeof bytes, 0));  // Redis has executed it
    return false;
  }
  return true;
}

}  // namespace daymill::redis_hash
