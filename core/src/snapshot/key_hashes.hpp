// Tells cheaply whether rows may have come twice.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace daymill {

/// The key hashes of rows, by bucket: the hash's first six bits. Keeps a stated number, eight bytes
/// each; beyond, it forgets them all and every bucket may hold a repeated row. One thread at a
/// time.
class KeyHashes {
 public:
  static constexpr std::size_t kBuckets = 64;

  explicit KeyHashes(std::size_t max_hashes) : max_hashes_(max_hashes), buckets_(kBuckets) {}

  static std::size_t bucket_of(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 58); }
  void add(std::span<const std::uint64_t> hashes);
  /// More were added than are kept.
  [[nodiscard]] bool has_forgotten() const { return forgotten_; }
  /// False: certainly all rows of the bucket have different keys. True: look at the rows
  /// themselves.
  [[nodiscard]] bool may_repeat(std::size_t bucket);
  /// The same of all buckets.
  [[nodiscard]] bool any_may_repeat();

 private:
  template <typename Hashes>
  [[nodiscard]] bool has_repeats(const Hashes& hashes);

  const std::size_t max_hashes_;
  std::vector<std::deque<std::uint64_t>> buckets_;
  // Of the bucket looked at:
  std::vector<std::uint64_t> parted_;  // part by part
  std::vector<std::uint64_t> bits_;    // of a part
  std::vector<std::uint64_t> suspects_;
  std::size_t num_hashes_ = 0;
  bool forgotten_ = false;
};

}  // namespace daymill
