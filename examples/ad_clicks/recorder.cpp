#include "recorder.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

struct ContextDeleter {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

// One connection that keeps many commands under way and reads their answers in order.
class Connection {
 public:
  explicit Connection(const RedisAddress& redis)
      : context_(redisConnectWithTimeout(redis.host.c_str(), redis.port, timeval{5, 0})),
        where_(redis.host + ":" + std::to_string(redis.port)) {
    if (!context_ || context_->err != 0)
      throw std::runtime_error("cannot reach Redis at " + where_ + ": " +
                               (context_ ? context_->errstr : "out of memory"));
    redisSetTimeout(context_.get(), timeval{30, 0});
    if (redis.password.empty())
      return;
    send({"AUTH", redis.password});
    receive();
  }

  void send(const std::array<std::string, 2>& words) {
    const std::array<const char*, 2> texts{words[0].c_str(), words[1].c_str()};
    const std::array<std::size_t, 2> sizes{words[0].size(), words[1].size()};
    redisAppendCommandArgv(context_.get(), 2, const_cast<const char**>(texts.data()), sizes.data());
  }

  void send_increment(const std::string& key, const std::string& field) {
    std::array<const char*, 4> texts{"HINCRBY", key.c_str(), field.data(), "1"};
    const std::array<std::size_t, 4> sizes{7, key.size(), field.size(), 1};
    redisAppendCommandArgv(context_.get(), 4, texts.data(), sizes.data());
  }

  void receive() {
    void* answer = nullptr;
    if (redisGetReply(context_.get(), &answer) != REDIS_OK)
      throw std::runtime_error("lost Redis at " + where_ + ": " + context_->errstr);
    const std::unique_ptr<redisReply, ReplyDeleter> reply(static_cast<redisReply*>(answer));
    if (reply->type == REDIS_REPLY_ERROR)
      throw std::runtime_error("Redis at " + where_ + " answers: " + reply->str);
  }

 private:
  std::unique_ptr<redisContext, ContextDeleter> context_;
  std::string where_;
};

}  // namespace

Oracle::Oracle(const std::string& path) {
  if (path.empty())
    return;
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (!file_)
    throw std::runtime_error("cannot write the oracle file " + path);
}

void Oracle::write(const std::string& lines) {
  if (!file_.is_open())
    return;
  const std::lock_guard lock(mutex_);
  if (!(file_ << lines).flush())
    throw std::runtime_error("cannot write to the oracle file");
}

Recorded record_day(const RedisAddress& redis, const TrafficSettings& settings, std::int64_t day,
                    std::uint64_t client, std::uint64_t clients, Oracle& oracle) {
  constexpr std::uint64_t kImpressionsUnderWay = 200;
  const std::string date = std::to_string(day);
  const std::string impressions_key = "viewlog_keys:" + date;
  const std::string clicks_key = "clicklog_keys:" + date;
  Connection connection(redis);
  Traffic traffic(settings, day, client);
  Recorded recorded;
  std::uint64_t left = settings.impressions / clients + (client < settings.impressions % clients);
  while (left > 0) {
    std::string lines;
    std::uint64_t sent = 0;
    const std::uint64_t shown = std::min(left, kImpressionsUnderWay);
    for (std::uint64_t i = 0; i < shown; ++i) {
      const Impression impression = traffic.next();
      connection.send_increment(impressions_key, impression.field);
      lines += "impressions\t" + date + "\t1\t" + impression.field + "\n";
      ++sent;
      if (!impression.clicked)
        continue;
      connection.send_increment(clicks_key, impression.field);
      lines += "clicks\t" + date + "\t1\t" + impression.field + "\n";
      ++sent;
      ++recorded.clicks;
    }
    for (std::uint64_t i = 0; i < sent; ++i)
      connection.receive();
    oracle.write(lines);
    recorded.impressions += shown;
    left -= shown;
  }
  return recorded;
}
