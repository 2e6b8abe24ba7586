// Tells cheaply whether rows may have come twice.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <unordered_set>
#include <vector>

#include "daymill/status.hpp"

namespace daymill {

/// The key hashes of rows, by bucket: the hash's first six bits. The latest of each bucket are in
/// memory, 512 KiB at most; the others in a file without a name, eight bytes each, that is gone
/// with this object. One thread at a time.
class KeyHashes {
 public:
  static constexpr std::size_t kBuckets = 64;

  /// The file will be in `folder`, which must exist when there are more hashes than stay in memory.
  explicit KeyHashes(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~KeyHashes();
  KeyHashes(const KeyHashes&) = delete;
  KeyHashes& operator=(const KeyHashes&) = delete;

  static std::size_t bucket_of(std::uint64_t hash) { return static_cast<std::size_t>(hash >> 58); }
  /// RESOURCE_EXHAUSTED when the disk is full.
  Status add(std::span<const std::uint64_t> hashes);
  /// False: certainly all rows of the bucket have different keys. True: look at the rows
  /// themselves.
  Result<bool> may_repeat(std::size_t bucket);
  /// The same of all buckets.
  Result<bool> any_may_repeat();
  /// True: of a sample, one row in 256, some may have come twice. Known at once.
  [[nodiscard]] bool sample_repeats() const { return sample_repeats_; }

 private:
  static constexpr std::size_t kHashesAChunk = 1024;
  static constexpr std::size_t kChunkBytes = kHashesAChunk * sizeof(std::uint64_t);

  struct Bucket {
    std::vector<std::uint64_t> latest;  // fewer than a chunk
    std::vector<std::uint32_t> chunks;  // by number, in the file
  };

  void look_at_sample(std::uint64_t hash);
  Status store(Bucket& bucket);
  Status create_file();
  Status load(const Bucket& bucket);
  bool have_repeats(std::span<const std::uint64_t> hashes);

  std::filesystem::path folder_;
  std::array<Bucket, kBuckets> buckets_;
  std::unordered_set<std::uint64_t> sample_;
  bool sample_repeats_ = false;
  int file_ = -1;
  std::uint32_t num_chunks_ = 0;
  // Of the bucket looked at:
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint64_t> parted_;  // the same, part by part
  std::vector<std::uint64_t> bits_;    // of a part
  std::vector<std::uint64_t> suspects_;
};

}  // namespace daymill
