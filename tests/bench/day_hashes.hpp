#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// One hash of the benchmark's day.
struct DayHash {
  std::string key;
  bool clicks;          // or impressions
  std::uint64_t shard;  // of each shard there is one of clicks and one of impressions
};

/// The hashes of a day ("20261122") that lies in `hashes` of them, an even number:
/// clicklog_keys:<day> and viewlog_keys:<day>; with more than two of them clicklog_keys:<day>:0 and
/// so on. Throws std::invalid_argument.
std::vector<DayHash> day_hashes(const std::string& day, std::uint64_t hashes);
