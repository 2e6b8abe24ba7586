// bench_fields PORT YYYYMMDD COUNT: fills clicklog_keys:<day> and viewlog_keys:<day> of
// one Redis database with COUNT fields each, by pipelined HSET.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "fields.hpp"
#include "redis_socket.hpp"

namespace {

constexpr std::uint64_t kFieldsPerCommand = 250;

void fill(RedisSocket& redis, const std::string& key, std::uint64_t count, bool clicks) {
  for (std::uint64_t begin = 0, command = 0; begin < count; begin += kFieldsPerCommand, ++command) {
    const std::uint64_t end = std::min(count, begin + kFieldsPerCommand);
    std::string bytes = "*" + std::to_string(2 + 2 * (end - begin)) + "\r\n";
    append_word(bytes, "HSET");
    append_word(bytes, key);
    for (std::uint64_t index = begin; index < end; ++index) {
      const CountedField field = counted_field(index, count);
      append_word(bytes, std::to_string(field.ad_id) + ":" + field.search_word);
      append_word(bytes, std::to_string(clicks ? field.clicks : field.impressions));
    }
    redis.send(bytes);
    if (command % 200 == 199)
      redis.drain();
  }
  redis.drain();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_fields PORT YYYYMMDD COUNT\n");
    return 2;
  }
  RedisSocket redis(std::atoi(argv[1]));
  const std::string day = argv[2];
  const std::uint64_t count = std::strtoull(argv[3], nullptr, 10);
  fill(redis, "clicklog_keys:" + day, count, true);
  fill(redis, "viewlog_keys:" + day, count, false);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_fields: %s\n", error.what());
  return 1;
}
