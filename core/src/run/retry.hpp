// When to try again: exponential backoff with full jitter ("Exponential Backoff And Jitter", AWS
// Architecture Blog, 2015).
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "pipeline/definition.hpp"

namespace daymill {

class Backoff {
 public:
  explicit Backoff(const RetryDefinition& definition, std::uint64_t seed = std::random_device()())
      : definition_(definition), random_(seed) {}

  /// Attempts begun so far, this one included, are `attempt`; is another one allowed?
  [[nodiscard]] bool may_retry(std::int64_t attempt) const {
    return attempt < definition_.attempts;
  }
  /// Uniform between backoff_min and min(backoff_max, backoff_min × 2^attempt).
  std::chrono::milliseconds delay(std::int64_t attempt);

 private:
  RetryDefinition definition_;
  std::mt19937_64 random_;
};

}  // namespace daymill
