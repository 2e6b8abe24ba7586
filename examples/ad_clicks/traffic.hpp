#pragma once

#include <cstdint>
#include <random>
#include <string>

/// What the traffic of a day looks like. The same settings give the same increments.
struct TrafficSettings {
  std::uint64_t impressions = 20'000;  ///< per day, over all clients
  std::uint64_t ads = 200;
  std::uint64_t words = 100;  ///< distinct search words
  double click_share = 0.08;  ///< of impressions
  std::uint64_t seed = 1;
};

/// One advertisement shown for a search word, perhaps clicked.
struct Impression {
  std::string field;  ///< "<ad_id>:<search_word>"
  bool clicked = false;
};

/// The impressions that one client records on one day, one after the other. A few ads and words get
/// most of them, as in life.
class Traffic {
 public:
  Traffic(const TrafficSettings& settings, std::int64_t day, std::uint64_t client);
  Impression next();

 private:
  std::uint64_t skewed(std::uint64_t count);

  TrafficSettings settings_;
  std::mt19937_64 random_;
};
