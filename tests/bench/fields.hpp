#pragma once

#include <cstdint>
#include <string>

/// One field of both hashes of the benchmark's day, and what it counts there.
struct CountedField {
  std::int64_t ad_id;
  std::string search_word;
  std::int64_t clicks;       // 1 … impressions
  std::int64_t impressions;  // 1 … 1000
};

/// Field number `index` of `count`: the same for the same numbers, all different, in no order of ad
/// or word. About a hundred search words an advertisement, in many scripts.
CountedField counted_field(std::uint64_t index, std::uint64_t count);
