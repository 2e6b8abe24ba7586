#include "support/free_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <stdexcept>

namespace daymill::support {
namespace {

bool can_listen(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int reuse = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool free =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return free;
}

}  // namespace

int free_port() {
  std::random_device seed;
  std::uniform_int_distribution<int> ports(12000, 31999);
  for (int attempt = 0; attempt < 1000; ++attempt)
    if (const int port = ports(seed); can_listen(port))
      return port;
  throw std::runtime_error("no free port on 127.0.0.1 between 12000 and 31999");
}

}  // namespace daymill::support
