#pragma once

#include <string>
#include <string_view>

/// A bare TCP connection to Redis: sends bytes and throws the answers away, faster than any client
/// library. Throws std::runtime_error.
class RedisSocket {
 public:
  explicit RedisSocket(int port);  ///< 127.0.0.1
  ~RedisSocket();
  RedisSocket(const RedisSocket&) = delete;
  RedisSocket& operator=(const RedisSocket&) = delete;

  void send(std::string_view bytes);
  /// Sends a PING and reads until its answer, which comes after the answers to all that was sent
  /// before; returns how many bytes these answers had. Throws when the first of them is an error.
  std::size_t drain();
  /// Sends a command and a PING, and does not wait.
  void ask(std::string_view command);
  /// Reads the answer to ask() to its end; returns its first bytes, up to 64. Throws when it is an
  /// error.
  std::string receive_head();
  /// Reads the answer to the one command that was sent, which must be a status, a number or a text
  /// of at most 4 KiB. Throws when it is an error.
  void receive_answer();

 private:
  /// Until the answer to a PING; how many bytes came before it.
  std::size_t receive_until_pong(std::string& head);

  int socket_;
};

/// Appends one word of a command in Redis's wire format.
void append_word(std::string& out, std::string_view word);
