#include "fields.hpp"

#include <algorithm>

#include "search_words.hpp"

CountedField counted_field(std::uint64_t index, std::uint64_t count, std::uint64_t shard) {
  constexpr std::uint64_t kWordsPerAd = 100;
  constexpr std::uint64_t kPrime = 15'485'863;  // shares no factor with the counts used
  const std::uint64_t place = index * kPrime % count;
  const std::uint64_t ads = std::max<std::uint64_t>(1, count / kWordsPerAd);
  const std::uint64_t noise = (shard * count + place + 1) * 0x9E3779B97F4A7C15u >> 20;
  const auto impressions = static_cast<std::int64_t>(1 + noise % 1000);
  const auto clicks = 1 + static_cast<std::int64_t>(noise >> 12) % impressions;
  return {static_cast<std::int64_t>(1 + shard * ads + place % ads), search_word(place / ads),
          clicks, impressions};
}
