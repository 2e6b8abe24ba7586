#include "snapshot/key_hashes.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace daymill {

namespace {

constexpr std::size_t kHashesInCache = 16 * 1024;
constexpr int kPartShift = 16;  // above the bits that choose among so many slots
constexpr int kMarkShift = 26;

}  // namespace

void KeyHashes::add(std::span<const std::uint64_t> hashes) {
  if (forgotten_) {
    return;
  }
  num_hashes_ += hashes.size();
  if (num_hashes_ > max_hashes_) {
    forgotten_ = true;
    buckets_ = {};
    return;
  }
  for (const std::uint64_t hash : hashes) {
    buckets_[bucket_of(hash)].push_back(hash);
  }
}

/// Part by part: the table of a part stays in the processor's cache.
bool KeyHashes::may_repeat(std::size_t bucket) {
  if (forgotten_) {
    return true;
  }
  const std::deque<std::uint64_t>& hashes = buckets_[bucket];
  if (hashes.size() <= kHashesInCache) {
    return has_repeats(hashes);
  }
  const std::size_t num_parts = std::bit_ceil(hashes.size() / kHashesInCache + 1);
  const auto part_of = [num_parts](std::uint64_t hash) {
    return static_cast<std::size_t>(hash >> kPartShift) & (num_parts - 1);
  };
  std::vector<std::size_t> ends(num_parts + 1, 0);
  for (const std::uint64_t hash : hashes) {
    ++ends[part_of(hash) + 1];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());  // now where each part begins
  parted_.resize(hashes.size());
  for (const std::uint64_t hash : hashes) {
    parted_[ends[part_of(hash)]++] = hash;  // and in the end, where it ends
  }
  std::size_t begin = 0;
  for (std::size_t part = 0; part < num_parts; ++part) {
    if (has_repeats(std::span(parted_).subspan(begin, ends[part] - begin))) {
      return true;
    }
    begin = ends[part];
  }
  return false;
}

template <typename Hashes>
bool KeyHashes::has_repeats(const Hashes& hashes) {
  const std::size_t num_slots = std::bit_ceil(hashes.size() * 2 + 1);
  slots_.assign(num_slots, 0);
  for (const std::uint64_t hash : hashes) {
    // Bits that choose neither bucket nor, mostly, part and slot; half of them need half the cache.
    const auto middle = static_cast<std::uint32_t>(hash >> kMarkShift);
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
