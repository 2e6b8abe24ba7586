// Writes one snapshot file: raw rows, bucketed by key, compressed, fingerprinted, durable before it
// has its name.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
#include "daymill/status.hpp"
#include "snapshot/block.hpp"
#include "snapshot/fingerprint.hpp"
#include "snapshot/key_hashes.hpp"
#include "snapshot/manifest.hpp"
#include "sqlite/database.hpp"

namespace daymill {

/// create → append... → seal → publish. Destroyed before publish: the unfinished file is deleted.
/// One thread at a time. Memory: about 64 buckets × 128 KiB, whatever the size of the split.
class SnapshotWriter {
 public:
  /// Writes `path`.part; `path` must not exist. With `repeats_rows`, rows with equal raw keys are
  /// one row, the last one.
  static Result<std::unique_ptr<SnapshotWriter>> create(const std::filesystem::path& path,
                                                        SnapshotManifest manifest,
                                                        bool repeats_rows);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  Status append(const RecordBatch& raw);
  /// After the last row: drops repeated rows, computes the fingerprint. Returns the number of
  /// distinct rows.
  Result<std::int64_t> seal();
  /// Writes the manifest, syncs the file, gives it its name and syncs the folder: from here on it
  /// survives a power loss.
  Result<SnapshotManifest> publish(bool confirmed);

 private:
  struct Bucket {
    explicit Bucket(const Schema& schema) : rows(schema) {}
    BatchBuilder rows;
  };

  SnapshotWriter(std::filesystem::path path, SnapshotManifest manifest, bool repeats_rows,
                 Database database, Statement insert);
  void sort_by_bucket();
  Status flush(std::size_t bucket);
  Status seal_bucket(std::size_t bucket);
  Status rewrite_bucket(std::size_t bucket, const std::vector<RecordBatch>& blocks,
                        const std::vector<std::pair<std::uint32_t, std::uint32_t>>& kept);

  std::filesystem::path path_;
  std::filesystem::path part_;
  SnapshotManifest manifest_;
  bool repeats_rows_;
  bool published_ = false;
  Database database_;
  Statement insert_;
  RowHasher hasher_;
  BlockEncoder encoder_;
  Fingerprint fingerprint_;
  KeyHashes key_hashes_;
  std::vector<Bucket> buckets_;
  // Of append()'s batch:
  std::vector<std::uint64_t> hashes_;                   // of the keys, row by row
  std::vector<std::int64_t> sorted_;                    // its rows, bucket by bucket
  std::array<std::size_t, kSnapshotBuckets + 1> ends_;  // of the buckets in it
};

}  // namespace daymill
