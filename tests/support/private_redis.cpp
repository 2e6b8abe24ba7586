#include "support/private_redis.hpp"

#include <hiredis/hiredis.h>

#include <memory>
#include <stdexcept>

#include "support/free_port.hpp"
#include "support/wait_until.hpp"

namespace daymill::support {
namespace {

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;

std::optional<std::string> text_of(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return std::nullopt;
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    default:
      return std::string(reply.str, static_cast<std::size_t>(reply.len));
  }
}

void flatten(const redisReply& reply, std::vector<std::string>& out) {
  if (reply.type != REDIS_REPLY_ARRAY) {
    out.push_back(text_of(reply).value_or(""));
    return;
  }
  for (std::size_t i = 0; i < reply.elements; ++i)
    flatten(*reply.element[i], out);
}

}  // namespace

PrivateRedis::PrivateRedis(std::vector<std::string> configuration)
    : configuration_(std::move(configuration)) {
  for (const auto& line : configuration_)
    if (line.starts_with("requirepass "))
      password_ = line.substr(12);
  constexpr int kPortsTried = 20;
  for (int attempt = 0; attempt < kPortsTried; ++attempt) {
    port_ = free_port();
    if (try_start())
      return;
    if (log().find("Address already in use") == std::string::npos)
      break;
  }
  throw std::runtime_error("redis-server does not start:\n" + log());
}

PrivateRedis::~PrivateRedis() {
  kill9();
}

bool PrivateRedis::try_start() {
  std::string text = "bind 127.0.0.1\nport " + std::to_string(port_) + "\ndir " +
                     folder_.path().string() + "\nlogfile " + (folder_ / "redis.log").string() +
                     "\ndaemonize no\nsave \"\"\nappendonly no\nenable-debug-command yes\n";
  for (const auto& line : configuration_)
    text += line + "\n";
  const auto file = folder_.write("redis.conf", text);
  std::filesystem::remove(folder_ / "redis.log");
  process_ = std::make_unique<Process>(ProcessOptions{.argv = {"redis-server", file.string()}});
  const bool answers = wait_until([this] { return !process_->running() || is_ours(); });
  if (answers && process_->running())
    return true;
  process_.reset();
  return false;
}

// Another server may have taken the port: only the process that this object started counts.
bool PrivateRedis::is_ours() try {
  if (command({"PING"}) != "PONG")
    return false;
  const std::string info = command({"INFO", "server"}).value_or("");
  return info.find("process_id:" + std::to_string(process_->pid()) + "\r") != std::string::npos;
} catch (const std::runtime_error&) {
  disconnect();
  return false;
}

std::string PrivateRedis::log() const {
  return std::filesystem::exists(folder_ / "redis.log") ? read_file(folder_ / "redis.log")
                                                        : std::string("(no log)");
}

void PrivateRedis::start() {
  if (process_ && process_->running())
    return;
  if (!wait_until([this] { return try_start(); }))
    throw std::runtime_error("redis-server does not start again:\n" + log());
}

void PrivateRedis::stop() {
  disconnect();
  if (!process_)
    return;
  process_->send_signal(SIGTERM);
  if (!process_->wait(std::chrono::seconds(30)))
    throw std::runtime_error("redis-server does not stop");
  process_.reset();
}

void PrivateRedis::kill9() {
  disconnect();
  process_.reset();
}

void PrivateRedis::restart() {
  stop();
  start();
}

redisContext& PrivateRedis::connection() {
  if (connection_ != nullptr)
    return *connection_;
  connection_ = redisConnectWithTimeout("127.0.0.1", port_, timeval{5, 0});
  if (connection_ == nullptr || connection_->err != 0) {
    const std::string reason = connection_ != nullptr ? connection_->errstr : "out of memory";
    disconnect();
    throw std::runtime_error("redis on port " + std::to_string(port_) + ": " + reason);
  }
  redisSetTimeout(connection_, timeval{60, 0});
  if (!password_.empty())
    command({"AUTH", password_});
  return *connection_;
}

void PrivateRedis::disconnect() {
  if (connection_ != nullptr)
    redisFree(connection_);
  connection_ = nullptr;
}

void* PrivateRedis::call(const std::vector<std::string>& arguments) {
  std::vector<const char*> values;
  std::vector<std::size_t> sizes;
  for (const auto& argument : arguments) {
    values.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  auto& context = connection();
  Reply reply(static_cast<redisReply*>(
      redisCommandArgv(&context, static_cast<int>(values.size()), values.data(), sizes.data())));
  if (!reply) {
    const std::string reason = context.errstr;
    disconnect();
    throw std::runtime_error("redis " + arguments[0] + ": " + reason);
  }
  if (reply->type == REDIS_REPLY_ERROR)
    throw std::runtime_error("redis " + arguments[0] + ": " + *text_of(*reply));
  return reply.release();
}

std::optional<std::string> PrivateRedis::command(const std::vector<std::string>& arguments) {
  const Reply reply(static_cast<redisReply*>(call(arguments)));
  if (reply->type == REDIS_REPLY_ARRAY)
    throw std::runtime_error("redis " + arguments[0] + " answers a list: use list()");
  return text_of(*reply);
}

std::vector<std::string> PrivateRedis::list(const std::vector<std::string>& arguments) {
  const Reply reply(static_cast<redisReply*>(call(arguments)));
  std::vector<std::string> texts;
  flatten(*reply, texts);
  return texts;
}

}  // namespace daymill::support
