// The order of a day that lies in many hashes: shard by shard, and within a shard as its hashes are
// read (ScanOrder).
//
// Hashes of the same number hold the same keys, one for each measure, and no others do: that is
// what cutting a day into shards usually means, and what is hoped for here. Where a key lies in
// shards of different numbers, rows come out of this order, which the engine finds out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "daymill/plugin.hpp"

namespace daymill::redis_hash {

class ShardOrder {
 public:
  /// `shard` < `num_shards`; of one shard the order is its hashes' own.
  ShardOrder(std::size_t shard, std::size_t num_shards)
      : width_(ReadPosition::kEnd / num_shards), begin_(shard * width_), num_shards_(num_shards) {}

  /// From the places of one hash to those of the day.
  [[nodiscard]] ReadPosition position(ReadPosition in_hash) const {
    return {in_hash.complete == ReadPosition::kEnd ? ReadPosition::kEnd : place(in_hash.complete),
            place(in_hash.reached)};
  }

 private:
  [[nodiscard]] std::uint64_t place(std::uint64_t in_hash) const {
    return begin_ + in_hash / num_shards_;
  }

  std::uint64_t width_;
  std::uint64_t begin_;
  std::uint64_t num_shards_;
};

}  // namespace daymill::redis_hash
