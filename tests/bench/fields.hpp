#pragma once

#include <cstdint>
#include <string>

/// One field of a pair of hashes of the benchmark's day, and what it counts in them.
struct CountedField {
  std::int64_t ad_id;
  std::string search_word;
  std::int64_t clicks;       // 1 … impressions
  std::int64_t impressions;  // 1 … 1000
};

/// Field number `index` of the `count` of one shard: the same for the same numbers, all different,
/// in no order of ad or word. About a hundred search words an advertisement, in many scripts. Every
/// shard has its own advertisements.
CountedField counted_field(std::uint64_t index, std::uint64_t count, std::uint64_t shard = 0);
