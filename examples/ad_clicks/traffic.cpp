#include "traffic.hpp"

#include "search_words.hpp"

namespace {

// In [0, 1), the same on every machine (the standard's distributions are not).
double unit(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1.0p-53;
}

}  // namespace

Traffic::Traffic(const TrafficSettings& settings, std::int64_t day, std::uint64_t client)
    : settings_(settings) {
  std::seed_seq seed{settings.seed, static_cast<std::uint64_t>(day), client};
  random_.seed(seed);
}

// The cube of an even number between 0 and 1 favours the small ones.
std::uint64_t Traffic::skewed(std::uint64_t count) {
  const double even = unit(random_);
  return static_cast<std::uint64_t>(even * even * even * static_cast<double>(count));
}

Impression Traffic::next() {
  const std::uint64_t ad_id = 1 + skewed(settings_.ads);
  const std::uint64_t word = skewed(settings_.words);
  return {std::to_string(ad_id) + ":" + search_word(word), unit(random_) < settings_.click_share};
}
