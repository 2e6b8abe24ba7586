#include "day_hashes.hpp"

#include <stdexcept>

std::vector<DayHash> day_hashes(const std::string& day, std::uint64_t hashes) {
  if (hashes < 2 || hashes % 2 != 0)
    throw std::invalid_argument("found " + std::to_string(hashes) +
                                " hashes, expected an even number, half of them of clicks");
  std::vector<DayHash> result;
  for (const bool clicks : {true, false}) {
    for (std::uint64_t shard = 0; shard < hashes / 2; ++shard) {
      const std::string suffix = hashes == 2 ? "" : ":" + std::to_string(shard);
      result.push_back(
          {(clicks ? "clicklog_keys:" : "viewlog_keys:") + day + suffix, clicks, shard});
    }
  }
  return result;
}
