#include "snapshot/key_hashes.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace daymill {

namespace {

constexpr std::size_t kHashesInCache = 16 * 1024;
constexpr int kPartShift = 16;
constexpr int kBitShift = 30;           // above those that choose the part, below the bucket's
constexpr std::size_t kBitsAHash = 64;  // so that one in a hundred shares its bit by chance

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

/// Part by part: the bits of a part stay in the processor's cache.
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

/// A bit for each hash; those that share one are compared.
template <typename Hashes>
bool KeyHashes::has_repeats(const Hashes& hashes) {
  const std::size_t num_bits = std::bit_ceil((hashes.size() + 1) * kBitsAHash);
  const auto bit_of = [num_bits](std::uint64_t hash) {
    return static_cast<std::size_t>(hash >> kBitShift) & (num_bits - 1);
  };
  const auto word = [this](std::size_t bit) -> std::uint64_t& { return bits_[bit / 64]; };
  const auto mask = [](std::size_t bit) { return std::uint64_t{1} << (bit % 64); };
  bits_.assign(num_bits / 64, 0);
  suspects_.clear();
  for (const std::uint64_t hash : hashes) {
    const std::size_t bit = bit_of(hash);
    if ((word(bit) & mask(bit)) != 0) {
      suspects_.push_back(hash);
    }
    word(bit) |= mask(bit);
  }
  if (suspects_.empty()) {
    return false;
  }
  bits_.assign(num_bits / 64, 0);
  for (const std::uint64_t hash : suspects_) {
    word(bit_of(hash)) |= mask(bit_of(hash));
  }
  suspects_.clear();
  for (const std::uint64_t hash : hashes) {
    const std::size_t bit = bit_of(hash);
    if ((word(bit) & mask(bit)) != 0) {
      suspects_.push_back(hash);
    }
  }
  std::sort(suspects_.begin(), suspects_.end());
  return std::adjacent_find(suspects_.begin(), suspects_.end()) != suspects_.end();
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
