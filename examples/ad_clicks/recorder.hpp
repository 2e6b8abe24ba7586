#pragma once

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>

#include "traffic.hpp"

/// Where to record.
struct RedisAddress {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string password;  ///< empty: no AUTH
};

/// How many increments Redis acknowledged.
struct Recorded {
  std::uint64_t impressions = 0;
  std::uint64_t clicks = 0;
};

/// A file with one line for each increment that Redis acknowledged:
/// `<measure> TAB <YYYYMMDD> TAB <amount> TAB <field>`, measure = clicks or impressions. Whoever
/// adds them up knows what the day's table must hold. Safe to use from many threads.
class Oracle {
 public:
  /// Replaces the file; an empty path keeps no oracle. Throws std::runtime_error.
  explicit Oracle(const std::string& path);
  void write(const std::string& lines);

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

/// Records the share of one client (number `client` of `clients`) of one day: impressions into
/// `viewlog_keys:<day>`, clicks into `clicklog_keys:<day>`, by pipelined HINCRBY over a connection
/// of its own. `day` is YYYYMMDD. Throws std::runtime_error.
Recorded record_day(const RedisAddress& redis, const TrafficSettings& settings, std::int64_t day,
                    std::uint64_t client, std::uint64_t clients, Oracle& oracle);
