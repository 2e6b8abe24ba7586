// The traffic of an ad system: many clients counting impressions and clicks in Redis hashes.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "recorder.hpp"

namespace {

using Days = std::chrono::sys_days;

struct Options {
  RedisAddress redis;
  TrafficSettings traffic;
  std::string from, to, oracle;
  std::uint64_t clients = 16;
};

Days parse_date(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0;
  char rest = 0;
  const bool complete = std::sscanf(text.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &rest) == 3;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!complete || !date.ok())
    throw std::runtime_error("not a date: '" + text + "' (expected for example 2026-11-22)");
  return date;
}

std::int64_t as_number(Days day) {  // 20261122
  const std::chrono::year_month_day date{day};
  return int{date.year()} * 10000 + static_cast<int>(unsigned{date.month()} * 100) +
         static_cast<int>(unsigned{date.day()});
}

Recorded record_with_all_clients(const Options& options, std::int64_t day, Oracle& oracle) {
  std::mutex mutex;
  std::exception_ptr failure;
  Recorded total;
  std::vector<std::thread> threads;
  for (std::uint64_t client = 0; client < options.clients; ++client)
    threads.emplace_back([&, client] {
      try {
        const Recorded part =
            record_day(options.redis, options.traffic, day, client, options.clients, oracle);
        const std::lock_guard lock(mutex);
        total.impressions += part.impressions;
        total.clicks += part.clicks;
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure)
          failure = std::current_exception();
      }
    });
  for (auto& thread : threads)
    thread.join();
  if (failure)
    std::rethrow_exception(failure);
  return total;
}

void record(const Options& options) {
  const Days from = parse_date(options.from);
  const Days to = parse_date(options.to.empty() ? options.from : options.to);
  if (from > to)
    throw std::runtime_error("--from " + options.from + " is after --to " + options.to);
  Oracle oracle(options.oracle);
  for (Days day = from; day <= to; day += std::chrono::days(1)) {
    const auto number = as_number(day);
    const Recorded recorded = record_with_all_clients(options, number, oracle);
    std::printf("%lld: %llu impressions, %llu clicks by %llu clients\n",
                static_cast<long long>(number),
                static_cast<unsigned long long>(recorded.impressions),
                static_cast<unsigned long long>(recorded.clicks),
                static_cast<unsigned long long>(options.clients));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app{"Records clicks and impressions in Redis, as the web servers of an ad system would"};
  app.add_option("--host", options.redis.host, "Redis host")->capture_default_str();
  app.add_option("--port", options.redis.port, "Redis port")->capture_default_str();
  app.add_option("--from", options.from, "first day, YYYY-MM-DD")->required();
  app.add_option("--to", options.to, "last day, included (default: --from)");
  app.add_option("--clients", options.clients, "clients recording at the same time")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--events", options.traffic.impressions, "impressions per day")
      ->capture_default_str();
  app.add_option("--ads", options.traffic.ads, "ads shown")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--words", options.traffic.words, "distinct search words")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--click-share", options.traffic.click_share, "share of impressions clicked")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--seed", options.traffic.seed, "same seed, same increments")
      ->capture_default_str();
  app.add_option("--oracle", options.oracle, "file that lists every acknowledged increment");
  app.footer("The password of Redis, if it asks for one, is read from REDIS_PASSWORD.");
  CLI11_PARSE(app, argc, argv);
  if (const char* password = std::getenv("REDIS_PASSWORD"))
    options.redis.password = password;
  record(options);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "ad_clicks_recorder: %s\n", error.what());
  return 1;
}
