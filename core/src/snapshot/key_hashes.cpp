#include "snapshot/key_hashes.hpp"

#include <algorithm>

namespace daymill {

void KeyHashes::add(std::uint64_t hash) {
  if (forgotten_) {
    return;
  }
  if (++num_hashes_ > max_hashes_) {
    forgotten_ = true;
    buckets_ = {};
    return;
  }
  buckets_[bucket_of(hash)].push_back(hash);
}

bool KeyHashes::may_repeat(std::size_t bucket) {
  if (forgotten_) {
    return true;
  }
  const std::deque<std::uint64_t>& hashes = buckets_[bucket];
  std::size_t num_slots = 16;
  while (num_slots < hashes.size() * 2) {
    num_slots *= 2;
  }
  slots_.assign(num_slots, 0);
  for (const std::uint64_t hash : hashes) {
    // Bits that neither choose the bucket nor, mostly, the slot; half of them stay in the cache.
    const auto middle = static_cast<std::uint32_t>(hash >> 26);
    const std::uint32_t mark = middle == 0 ? 1 : middle;  // 0 is the free slot
    std::size_t slot = static_cast<std::size_t>(hash) & (num_slots - 1);
    for (; slots_[slot] != 0; slot = (slot + 1) & (num_slots - 1)) {
      if (slots_[slot] == mark && std::count(hashes.begin(), hashes.end(), hash) > 1) {
        return true;
      }
    }
    slots_[slot] = mark;
  }
  return false;
}

bool KeyHashes::any_may_repeat() {
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (may_repeat(bucket)) {
      return true;
    }
  }
  return false;
}

}  // namespace daymill
