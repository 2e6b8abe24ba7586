// bench_fields PORT YYYYMMDD COUNT [HASHES]: fills the hashes of the day (2 unless told) in one
// Redis database with COUNT fields each, by pipelined HSET. Prints the sums that a load of them
// must have as JSON.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "day_hashes.hpp"
#include "fields.hpp"
#include "redis_socket.hpp"

namespace {

constexpr std::uint64_t kFieldsPerCommand = 250;

/// Returns the sum of all values.
std::int64_t fill(RedisSocket& redis, const DayHash& hash, std::uint64_t count) {
  std::int64_t sum = 0;
  for (std::uint64_t begin = 0, command = 0; begin < count; begin += kFieldsPerCommand, ++command) {
    const std::uint64_t end = std::min(count, begin + kFieldsPerCommand);
    std::string bytes = "*" + std::to_string(2 + 2 * (end - begin)) + "\r\n";
    append_word(bytes, "HSET");
    append_word(bytes, hash.key);
    for (std::uint64_t index = begin; index < end; ++index) {
      const CountedField field = counted_field(index, count, hash.shard);
      const std::int64_t value = hash.clicks ? field.clicks : field.impressions;
      sum += value;
      append_word(bytes, std::to_string(field.ad_id) + ":" + field.search_word);
      append_word(bytes, std::to_string(value));
    }
    redis.send(bytes);
    if (command % 200 == 199)
      redis.drain();
  }
  redis.drain();
  return sum;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: bench_fields PORT YYYYMMDD COUNT [HASHES]\n");
    return 2;
  }
  RedisSocket redis(std::atoi(argv[1]));
  const std::uint64_t count = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t hashes = argc == 5 ? std::strtoull(argv[4], nullptr, 10) : 2;
  long long clicks = 0;
  long long impressions = 0;
  for (const DayHash& hash : day_hashes(argv[2], hashes))
    (hash.clicks ? clicks : impressions) += fill(redis, hash, count);
  std::printf("{\"rows\": %llu, \"clicks\": %lld, \"impressions\": %lld}\n",
              static_cast<unsigned long long>(count * (hashes / 2)), clicks, impressions);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_fields: %s\n", error.what());
  return 1;
}
