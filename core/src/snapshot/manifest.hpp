// What a snapshot file says of itself.
#pragma once

#include <cstdint>
#include <string>

#include "daymill/schema.hpp"

namespace daymill {

/// What is written; older ones are read as well. They differ in their blocks.
inline constexpr int kSnapshotFormat = 2;
/// Rows are spread over this many buckets by the upper bits of their raw key's hash; combine works
/// bucket by bucket.
inline constexpr int kSnapshotBuckets = 64;

struct SnapshotManifest {
  int format = kSnapshotFormat;
  std::string pipeline;
  std::string partition;  ///< "2026-11-22"
  std::string split;
  std::string location;  ///< for people: where it was read
  std::int64_t generation = 0;
  std::string run_id;
  std::string created_at;      ///< RFC 3339
  std::int64_t rows = 0;       ///< distinct
  std::int64_t rows_read = 0;  ///< as the reader gave them, repeated ones included
  std::string fingerprint;
  bool confirmed = false;  ///< the reader confirmed that the split did not change while it was read
  Schema raw_schema;
};

}  // namespace daymill
