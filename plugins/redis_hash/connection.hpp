// A connection to a Redis master: handshake, commands, pipelines. Replies are hiredis's.
#pragma once

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/plugin.hpp"
#include "socket.hpp"

namespace daymill::redis_hash {

/// Where the server is and who asks. The password is a secret: it is in no text made from this.
struct Endpoint {
  std::string host;
  int port = 6379;
  std::string user;      ///< empty: Redis's default user
  std::string password;  ///< empty and no user: no AUTH
  std::int64_t database = 0;
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{30000};  ///< of one reply

  /// "redis 127.0.0.1:6379"
  [[nodiscard]] std::string place() const { return "redis " + host + ":" + std::to_string(port); }
  /// "redis 127.0.0.1:6379 key clicklog_keys:20261122"
  [[nodiscard]] std::string place(std::string_view key) const {
    return place() + " key " + printable(key);
  }
};

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;
using Command = std::vector<std::string_view>;

[[nodiscard]] inline std::string_view text_of(const Reply& reply) {
  return reply->str == nullptr ? std::string_view() : std::string_view(reply->str, reply->len);
}
[[nodiscard]] inline bool is_error(const Reply& reply) {
  return reply->type == REDIS_REPLY_ERROR;
}
[[nodiscard]] inline bool is_nil(const Reply& reply) {
  return reply->type == REDIS_REPLY_NIL;
}
/// The Status of an error reply.
[[nodiscard]] Status error_of(const Reply& reply);

/// One connection, authenticated, on the right database, to a master. After any error but an error
/// reply it is unusable. One thread at a time.
class Connection {
 public:
  /// `key`: what the connection is for, to be named in errors; empty: nothing in particular.
  static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint, const Host& engine,
                                                  std::string_view key = {});

  /// Sends one command and waits for its reply; an error reply is an error.
  Result<Reply> call(const Command& command);
  /// Sends all commands at once, then waits for all replies; error replies are the caller's to see.
  Result<std::vector<Reply>> call_all(const std::vector<Command>& commands);

  /// For replies that are parsed elsewhere: see HashScan.
  Status send(const Command& command, TimeLimit& limit);
  Result<std::size_t> receive(char* bytes, std::size_t size, TimeLimit& limit);

  /// Where errors on this connection happen.
  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  /// "standalone", "cluster" or "sentinel", as HELLO says.
  [[nodiscard]] const std::string& mode() const { return mode_; }

 private:
  Connection(Endpoint endpoint, std::string place, Socket socket);
  Status shake_hands();
  Status authenticate();
  Result<Reply> next_reply(TimeLimit& limit);

  struct ReaderDeleter {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  Endpoint endpoint_;
  std::string place_;
  Socket socket_;
  std::unique_ptr<redisReader, ReaderDeleter> reader_;
  std::string version_;
  std::string mode_;
};

}  // namespace daymill::redis_hash
