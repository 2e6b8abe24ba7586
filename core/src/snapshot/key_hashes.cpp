#include "snapshot/key_hashes.hpp"

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
    const std::uint64_t marked =
        hash == 0 ? 1 : hash;  // 0 is the free slot; a wrong "may" costs only a look
    std::size_t slot = static_cast<std::size_t>(marked) & (num_slots - 1);
    while (slots_[slot] != 0) {
      if (slots_[slot] == marked) {
        return true;
      }
      slot = (slot + 1) & (num_slots - 1);
    }
    slots_[slot] = marked;
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
