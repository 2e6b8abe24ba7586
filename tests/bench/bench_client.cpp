// bench_client PORT HASH COMMANDS_PER_SECOND: another client of the Redis that is read from, as the
// site that counts while the day before is collected: HINCRBY into a hash and GET of a key in turn,
// one command at a time, on a schedule of its own.
//
// Measures until a line "FROM TO" comes on standard input, two instants in seconds since 1970;
// answers each such line with what the commands of that time took, as JSON: count and, unless that
// is 0, p50, p99, p999 and most in milliseconds. Ends with standard input.
//
// A command that could not be sent when its time came, because the answer to the one before was
// still missing, has waited since its time: else one long wait would hide those behind it. Of a
// command that was sent late because this program was woken late, only the time since it was sent
// counts.
#include <poll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "redis_socket.hpp"

namespace {

using Clock = std::chrono::system_clock;

constexpr std::uint64_t kKeys = 16;  // that are looked up

struct Sample {
  Clock::time_point began;
  double milliseconds;
};

/// Half of them count, half of them look something up.
std::string command(std::uint64_t number, const std::string& hash) {
  if (number % 2 == 0)
    return "HINCRBY " + hash + " " + std::to_string(number * 7919 % 10'000) + ":shoes 1\r\n";
  return "GET bench_client:" + std::to_string(number % kKeys) + "\r\n";
}

bool asked() {
  pollfd input{0, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

std::vector<Sample> measure(RedisSocket& redis, const std::string& hash, double per_second) {
  const auto interval =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
  std::vector<Sample> samples;
  samples.reserve(1 << 20);
  Clock::time_point due = Clock::now();
  Clock::time_point answered = due;
  for (std::uint64_t number = 0; !asked(); ++number, due += interval) {
    std::this_thread::sleep_until(due);
    const Clock::time_point began = answered > due ? due : Clock::now();
    redis.send(command(number, hash));
    redis.receive_answer();
    answered = Clock::now();
    samples.push_back({began, std::chrono::duration<double, std::milli>(answered - began).count()});
  }
  return samples;
}

double at(const std::vector<double>& sorted, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

void print(const std::vector<Sample>& samples, double from, double to) {
  std::vector<double> taken;
  for (const Sample& sample : samples) {
    const double began = std::chrono::duration<double>(sample.began.time_since_epoch()).count();
    if (began >= from && began < to)
      taken.push_back(sample.milliseconds);
  }
  if (taken.empty()) {
    std::printf("{\"count\": 0}\n");
    return;
  }
  std::sort(taken.begin(), taken.end());
  std::printf("{\"count\": %zu, \"p50\": %.3f, \"p99\": %.3f, \"p999\": %.3f, \"most\": %.3f}\n",
              taken.size(), at(taken, 0.5), at(taken, 0.99), at(taken, 0.999), taken.back());
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_client PORT HASH COMMANDS_PER_SECOND\n");
    return 2;
  }
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // woken when it is time, not when it suits
  RedisSocket redis(std::atoi(argv[1]));
  for (std::uint64_t number = 0; number < kKeys; ++number) {
    redis.send("SET bench_client:" + std::to_string(number) + " looked-up\r\n");
    redis.receive_answer();
  }
  const std::vector<Sample> samples = measure(redis, argv[2], std::atof(argv[3]));
  double from = 0;
  double to = 0;
  while (std::cin >> from >> to)
    print(samples, from, to);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_client: %s\n", error.what());
  return 1;
}
