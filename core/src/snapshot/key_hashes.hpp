// Tells cheaply whether a reader may have given a row twice.
#pragma once

#include <cstdint>
#include <vector>

namespace daymill {

/// The key hashes of one split's rows, by bucket. Keeps at most kMaxHashes (16 MiB); beyond, it
/// forgets them all and every bucket may hold a repeated row. One thread at a time.
class KeyHashes {
 public:
  static constexpr std::size_t kMaxHashes = std::size_t{2} << 20;

  explicit KeyHashes(std::size_t num_buckets) : buckets_(num_buckets) {}

  void add(std::size_t bucket, std::uint64_t hash);
  /// False: certainly all rows of the bucket have different keys. True: look at the rows
  /// themselves.
  [[nodiscard]] bool may_repeat(std::size_t bucket);

 private:
  std::vector<std::vector<std::uint64_t>> buckets_;
  std::vector<std::uint64_t> slots_;  // open addressing, 0: free; reused from bucket to bucket
  std::size_t num_hashes_ = 0;
  bool forgotten_ = false;
};

}  // namespace daymill
