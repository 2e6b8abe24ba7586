#include "run/retry.hpp"

#include <algorithm>

namespace daymill {

std::chrono::milliseconds Backoff::delay(std::int64_t attempt) {
  const std::int64_t lowest = definition_.backoff_min.count();
  std::int64_t highest = lowest;
  for (std::int64_t i = 0; i < attempt && highest < definition_.backoff_max.count(); ++i) {
    highest *= 2;
  }
  highest =
      std::clamp<std::int64_t>(highest, lowest, std::max(lowest, definition_.backoff_max.count()));
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(lowest, highest)(random_));
}

}  // namespace daymill
