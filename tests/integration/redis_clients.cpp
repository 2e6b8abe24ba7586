#include "redis_clients.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace daymill::integration {
namespace {

constexpr std::size_t kPipelined = 500;

using Reply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

Reply next_reply(redisContext* context) {
  void* reply = nullptr;
  if (redisGetReply(context, &reply) != REDIS_OK)
    throw std::runtime_error(std::string("redis: ") + context->errstr);
  return {static_cast<redisReply*>(reply), &freeReplyObject};
}

}  // namespace

std::string key_of(Event event, const std::string& day) {
  return (event == Event::click ? "clicklog_keys:" : "viewlog_keys:") + day.substr(0, 4) +
         day.substr(5, 2) + day.substr(8, 2);
}

void RedisClient::Closer::operator()(redisContext* context) const {
  redisFree(context);
}

RedisClient::RedisClient(int port, const std::string& password)
    : context_(redisConnect("127.0.0.1", port)) {
  if (context_ == nullptr || context_->err != 0)
    throw std::runtime_error("cannot connect to redis on port " + std::to_string(port));
  if (!password.empty()) {
    redisAppendCommand(context_.get(), "AUTH %s", password.c_str());
    if (next_reply(context_.get())->type == REDIS_REPLY_ERROR)
      throw std::runtime_error("redis refuses the password");
  }
}

void RedisClient::expect_integer() {
  const Reply reply = next_reply(context_.get());
  if (reply->type != REDIS_REPLY_INTEGER)
    throw std::runtime_error(std::string("redis answers HINCRBY with ") +
                             (reply->str == nullptr ? "nothing" : reply->str));
}

void RedisClient::record(const std::string& day, const std::vector<Increment>& increments,
                         const std::string& shard) {
  std::size_t unanswered = 0;
  for (const Increment& increment : increments) {
    const std::string key = key_of(increment.event, day) + shard;
    const std::string field =
        std::to_string(increment.word.ad_id) + ":" + increment.word.search_word;
    const std::string by = std::to_string(increment.by);
    redisAppendCommand(context_.get(), "HINCRBY %b %b %b", key.data(), key.size(), field.data(),
                       field.size(), by.data(), by.size());
    if (++unanswered == kPipelined)
      for (; unanswered > 0; --unanswered)
        expect_integer();
  }
  for (; unanswered > 0; --unanswered)
    expect_integer();
}

std::int64_t RedisClient::commands_processed() {
  redisAppendCommand(context_.get(), "INFO stats");
  const Reply reply = next_reply(context_.get());
  const std::string text(reply->str, reply->len);
  constexpr std::string_view kName = "total_commands_processed:";
  return std::stoll(text.substr(text.find(kName) + kName.size()));
}

void record(int port, const std::string& day, const std::vector<Increment>& increments,
            int clients) {
  const std::size_t share = (increments.size() + static_cast<std::size_t>(clients) - 1) /
                            static_cast<std::size_t>(clients);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(clients));
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < failures.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        const auto at = [&](std::size_t n) {
          return increments.begin() +
                 static_cast<std::ptrdiff_t>(std::min(n * share, increments.size()));
        };
        RedisClient(port).record(day, std::vector<Increment>(at(i), at(i + 1)));
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  threads.clear();
  for (const std::exception_ptr& failure : failures)
    if (failure)
      std::rethrow_exception(failure);
}

}  // namespace daymill::integration
