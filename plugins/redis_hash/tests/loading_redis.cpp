#include "loading_redis.hpp"

#include <hiredis/hiredis.h>

#include <stdexcept>

#include "support/free_port.hpp"
#include "support/wait_until.hpp"

namespace daymill::redis_hash {
namespace {

/// Text of the answer to a command without arguments of its own; empty when there is none.
std::string answer(int port, const char* command) {
  const std::unique_ptr<redisContext, decltype(&redisFree)> connection(
      redisConnectWithTimeout("127.0.0.1", port, timeval{5, 0}), &redisFree);
  if (connection == nullptr || connection->err != 0) {
    return {};
  }
  redisSetTimeout(connection.get(), timeval{60, 0});
  auto* const reply = static_cast<redisReply*>(redisCommand(connection.get(), command));
  const std::string text =
      reply == nullptr || reply->str == nullptr ? "" : std::string(reply->str, reply->len);
  freeReplyObject(reply);
  return text;
}

}  // namespace

LoadingRedis::LoadingRedis(const std::filesystem::path& folder) {
  constexpr int kPortsTried = 20;
  for (int attempt = 0; attempt < kPortsTried; ++attempt) {
    if (try_start(folder)) {
      return;
    }
  }
  throw std::runtime_error("redis-server does not load " + folder.string());
}

bool LoadingRedis::try_start(const std::filesystem::path& folder) {
  port_ = support::free_port();
  process_ = std::make_unique<support::Process>(support::ProcessOptions{
      .argv = {"redis-server", "--bind", "127.0.0.1", "--port", std::to_string(port_), "--dir",
               folder.string(), "--save", "", "--key-load-delay", "3000",
               "--loading-process-events-interval-bytes", "1024"}});
  const bool loads =
      support::wait_until([this] { return !process_->running() || says("\nloading:1\r"); });
  return loads && process_->running();
}

void LoadingRedis::finish() const {
  answer(port_, "CONFIG SET key-load-delay 0");
  if (!support::wait_until([this] { return says("\nloading:0\r"); })) {
    throw std::runtime_error("redis-server does not come to the end of its data set");
  }
}

/// Another server may have taken the port: only this object's own counts.
bool LoadingRedis::says(const std::string& line) const {
  const std::string info = answer(port_, "INFO");
  return info.find("process_id:" + std::to_string(process_->pid()) + "\r") != std::string::npos &&
         info.find(line) != std::string::npos;
}

}  // namespace daymill::redis_hash
