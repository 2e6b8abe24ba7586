#include "connection.hpp"

#include <new>
#include <utility>

#include "daymill/failpoint.hpp"
#include "server_error.hpp"

namespace daymill::redis_hash {
namespace {

void append_command(const Command& command, std::string& out) {
  out += "*" + std::to_string(command.size()) + "\r\n";
  for (const std::string_view argument : command) {
    out += "$" + std::to_string(argument.size()) + "\r\n";
    out += argument;
    out += "\r\n";
  }
}

}  // namespace

Status error_of(const Reply& reply) {
  return is_error(reply) ? server_error(text_of(reply)) : Status();
}

Connection::Connection(Endpoint endpoint, std::string place, Socket socket)
    : endpoint_(std::move(endpoint)),
      place_(std::move(place)),
      socket_(std::move(socket)),
      reader_(redisReaderCreate()) {
  if (reader_ == nullptr) {
    throw std::bad_alloc();
  }
}

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint, const Host& engine,
                                                     std::string_view key) {
  std::string place = key.empty() ? endpoint.place() : endpoint.place(key);
  DAYMILL_FAILPOINT("redis.connect");
  auto socket = Socket::connect(endpoint.host, endpoint.port, endpoint.connect_timeout, engine);
  if (!socket.ok()) {
    return socket.status().at(place).next("see whether Redis runs there: redis-cli -h " +
                                          endpoint.host + " -p " + std::to_string(endpoint.port) +
                                          " ping");
  }
  std::unique_ptr<Connection> connection(
      new Connection(endpoint, std::move(place), std::move(socket).value()));
  if (Status status = connection->shake_hands(); !status.ok()) {
    return std::move(status).at(connection->place_);
  }
  return connection;
}

Status Connection::authenticate() {
  if (endpoint_.user.empty() && endpoint_.password.empty()) {
    return {};
  }
  Command command{"AUTH", endpoint_.user, endpoint_.password};
  if (endpoint_.user.empty()) {
    command.erase(command.begin() + 1);
  }
  DAYMILL_ASSIGN(const auto replies, call_all({command}));
  return is_error(replies[0]) ? authentication_error(text_of(replies[0])) : Status();
}

Status Connection::shake_hands() {
  DAYMILL_FAILPOINT("redis.auth");
  DAYMILL_TRY(authenticate());
  DAYMILL_FAILPOINT("redis.role");
  DAYMILL_ASSIGN(const Reply hello, call({"HELLO", "2"}));
  std::string role;
  for (std::size_t i = 0; hello->type == REDIS_REPLY_ARRAY && i + 1 < hello->elements; i += 2) {
    const redisReply& name = *hello->element[i];
    const redisReply& value = *hello->element[i + 1];
    if (name.str == nullptr || value.str == nullptr) {
      continue;
    }
    const std::string_view key(name.str, name.len);
    const std::string text(value.str, value.len);
    if (key == "role") {
      role = text;
    } else if (key == "version") {
      version_ = text;
    } else if (key == "mode") {
      mode_ = text;
    }
  }
  if (role != "master") {
    return Status(Code::unavailable, "the server's role is \"" + printable(role) +
                                         "\", expected \"master\": a replica may lag behind and "
                                         "cannot remove")
        .next("point host and port at the master");
  }
  if (endpoint_.database != 0) {
    DAYMILL_TRY(call({"SELECT", std::to_string(endpoint_.database)}));
  }
  return {};
}

Result<Reply> Connection::call(const Command& command) {
  DAYMILL_ASSIGN(auto replies, call_all({command}));
  if (is_error(replies[0])) {
    return error_of(replies[0]).at(place_);
  }
  return std::move(replies[0]);
}

Result<std::vector<Reply>> Connection::call_all(const std::vector<Command>& commands) {
  std::string bytes;
  for (const Command& command : commands) {
    append_command(command, bytes);
  }
  TimeLimit limit(endpoint_.timeout);
  if (Status sent = socket_.send(bytes, limit); !sent.ok()) {
    return std::move(sent).at(place_);
  }
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) {
    limit.restart();
    auto reply = next_reply(limit);
    if (!reply.ok()) {
      return reply.status().at(place_);
    }
    replies.push_back(std::move(reply).value());
  }
  return replies;
}

Result<Reply> Connection::next_reply(TimeLimit& limit) {
  for (;;) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
      return Status(Code::unsupported,
                    std::string("not a Redis server: ") + printable(reader_->errstr))
          .next("check host and port; TLS is not supported");
    }
    if (reply != nullptr) {
      return Reply(static_cast<redisReply*>(reply));
    }
    char bytes[16 * 1024];
    DAYMILL_ASSIGN(const std::size_t got, socket_.receive(bytes, sizeof bytes, limit));
    if (redisReaderFeed(reader_.get(), bytes, got) != REDIS_OK) {
      throw std::bad_alloc();
    }
  }
}

Status Connection::send(const Command& command, TimeLimit& limit) {
  std::string bytes;
  append_command(command, bytes);
  return socket_.send(bytes, limit).at(place_);
}

Result<std::size_t> Connection::receive(char* bytes, std::size_t size, TimeLimit& limit) {
  auto got = socket_.receive(bytes, size, limit);
  return got.ok() ? std::move(got) : Result<std::size_t>(got.status().at(place_));
}

}  // namespace daymill::redis_hash
