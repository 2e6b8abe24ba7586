#include "snapshot/key_hashes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>

#include "snapshot/system_failure.hpp"

namespace daymill {

namespace {

constexpr std::uint64_t kRowsASample = 256;
constexpr std::size_t kMostSamples = 32 * 1024;
constexpr std::size_t kHashesInCache = 16 * 1024;
constexpr int kPartShift = 16;
constexpr int kBitShift = 30;           // above those that choose the part, below the bucket's
constexpr std::size_t kBitsAHash = 64;  // so that one in a hundred shares its bit by chance

}  // namespace

KeyHashes::~KeyHashes() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

Status KeyHashes::add(std::span<const std::uint64_t> hashes) {
  for (const std::uint64_t hash : hashes) {
    Bucket& bucket = buckets_[bucket_of(hash)];
    bucket.latest.push_back(hash);
    if (bucket.latest.size() == kHashesAChunk) {
      DAYMILL_TRY(store(bucket));
    }
    if (hash % kRowsASample == 0) {
      look_at_sample(hash);
    }
  }
  return {};
}

void KeyHashes::look_at_sample(std::uint64_t hash) {
  if (sample_.size() < kMostSamples) {
    sample_repeats_ |= !sample_.insert(hash).second;
  } else {
    sample_repeats_ |= sample_.contains(hash);
  }
}

Status KeyHashes::store(Bucket& bucket) {
  if (file_ < 0) {
    DAYMILL_TRY(create_file());
  }
  errno = EIO;  // of a write that is cut short without a reason
  const auto place = static_cast<off_t>(num_chunks_) * static_cast<off_t>(kChunkBytes);
  if (::pwrite(file_, bucket.latest.data(), kChunkBytes, place) !=
      static_cast<ssize_t>(kChunkBytes)) {
    return system_failure("write a temporary file", folder_);
  }
  bucket.chunks.push_back(num_chunks_++);
  bucket.latest.clear();
  return {};
}

Status KeyHashes::create_file() {
  std::string name = (folder_ / "key-hashes-XXXXXX.part").string();
  file_ = ::mkostemps(name.data(), static_cast<int>(std::strlen(".part")), O_CLOEXEC);
  if (file_ < 0) {
    return system_failure("create a temporary file", folder_);
  }
  ::unlink(name.c_str());
  return {};
}

/// All hashes of the bucket to hashes_.
Status KeyHashes::load(const Bucket& bucket) {
  hashes_.resize(bucket.chunks.size() * kHashesAChunk);
  std::uint64_t* to = hashes_.data();
  for (const std::uint32_t chunk : bucket.chunks) {
    errno = EIO;  // of a file that has become shorter
    const auto place = static_cast<off_t>(chunk) * static_cast<off_t>(kChunkBytes);
    if (::pread(file_, to, kChunkBytes, place) != static_cast<ssize_t>(kChunkBytes)) {
      return system_failure("read a temporary file", folder_);
    }
    to += kHashesAChunk;
  }
  hashes_.insert(hashes_.end(), bucket.latest.begin(), bucket.latest.end());
  return {};
}

/// Part by part: the bits of a part stay in the processor's cache.
Result<bool> KeyHashes::may_repeat(std::size_t bucket) {
  DAYMILL_TRY(load(buckets_[bucket]));
  if (hashes_.size() <= kHashesInCache) {
    return have_repeats(hashes_);
  }
  const std::size_t num_parts = std::bit_ceil(hashes_.size() / kHashesInCache + 1);
  const auto part_of = [num_parts](std::uint64_t hash) {
    return static_cast<std::size_t>(hash >> kPartShift) & (num_parts - 1);
  };
  std::vector<std::size_t> ends(num_parts + 1, 0);
  for (const std::uint64_t hash : hashes_) {
    ++ends[part_of(hash) + 1];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());  // now where each part begins
  parted_.resize(hashes_.size());
  for (const std::uint64_t hash : hashes_) {
    parted_[ends[part_of(hash)]++] = hash;  // and in the end, where it ends
  }
  std::size_t begin = 0;
  for (std::size_t part = 0; part < num_parts; ++part) {
    if (have_repeats(std::span(parted_).subspan(begin, ends[part] - begin))) {
      return true;
    }
    begin = ends[part];
  }
  return false;
}

/// A bit for each hash; those that share one are compared.
bool KeyHashes::have_repeats(std::span<const std::uint64_t> hashes) {
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

Result<bool> KeyHashes::any_may_repeat() {
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    DAYMILL_ASSIGN(const bool repeats, may_repeat(bucket));
    if (repeats) {
      return true;
    }
  }
  return false;
}

}  // namespace daymill
