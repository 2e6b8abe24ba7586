#include "redis_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <vector>

RedisSocket::RedisSocket(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot reach Redis at 127.0.0.1:" + std::to_string(port));
  const int no_delay = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
}

RedisSocket::~RedisSocket() {
  ::close(socket_);
}

void RedisSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      throw std::runtime_error("lost Redis while sending");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t RedisSocket::drain() {
  send("PING\r\n");
  std::string head;
  return receive_until_pong(head);
}

void RedisSocket::ask(std::string_view command) {
  send(std::string(command) + "\r\nPING\r\n");
}

std::string RedisSocket::receive_head() {
  std::string head;
  receive_until_pong(head);
  return head;
}

std::size_t RedisSocket::receive_until_pong(std::string& head) {
  constexpr std::string_view kEnd = "+PONG\r\n";
  constexpr std::size_t kHead = 64;
  std::vector<char> buffer(1 << 20);
  std::string tail;
  std::size_t total = 0;
  for (;;) {
    const ssize_t read = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (read <= 0)
      throw std::runtime_error("lost Redis while reading");
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(read));
    if (total == 0 && bytes[0] == '-')
      throw std::runtime_error("Redis answers: " + std::string(bytes));
    head += bytes.substr(0, kHead - std::min(kHead, head.size()));
    total += bytes.size();
    tail += bytes.substr(bytes.size() - std::min(bytes.size(), kEnd.size()));
    if (tail.size() > kEnd.size())
      tail.erase(0, tail.size() - kEnd.size());
    if (tail == kEnd)
      return total - kEnd.size();
  }
}

void RedisSocket::receive_answer() {
  std::array<char, 4096 + 32> buffer;
  std::size_t size = 0;
  for (;;) {
    const ssize_t read = ::recv(socket_, buffer.data() + size, buffer.size() - size, 0);
    if (read <= 0)
      throw std::runtime_error("lost Redis while reading");
    size += static_cast<std::size_t>(read);
    const std::string_view bytes(buffer.data(), size);
    const std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos)
      continue;
    if (bytes[0] == '-')
      throw std::runtime_error("Redis answers: " + std::string(bytes.substr(0, line)));
    const bool is_text = bytes[0] == '$' && bytes[1] != '-';
    const std::size_t text = is_text ? std::strtoull(&bytes[1], nullptr, 10) + 2 : 0;
    if (size >= line + 2 + text)
      return;
  }
}

void append_word(std::string& out, std::string_view word) {
  out += '$';
  out += std::to_string(word.size());
  out += "\r\n";
  out += word;
  out += "\r\n";
}
