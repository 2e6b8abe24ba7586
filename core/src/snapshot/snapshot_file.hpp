// Reads snapshot files.
#pragma once

#include <filesystem>
#include <functional>

#include "daymill/batch.hpp"
#include "daymill/status.hpp"
#include "snapshot/manifest.hpp"
#include "sqlite/database.hpp"

namespace daymill {

using BlockConsumer = std::function<Status(RecordBatch)>;

/// A published snapshot, open for reading; one thread at a time.
class SnapshotFile {
 public:
  /// NOT_FOUND, or CORRUPT when it is not a snapshot of a known format; both name the file.
  static Result<SnapshotFile> open(const std::filesystem::path& path);

  [[nodiscard]] const SnapshotManifest& manifest() const { return manifest_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Gives the blocks of a bucket (0 … kSnapshotBuckets - 1) in the order they were written; every
  /// checksum is verified.
  Status read_bucket(int bucket, const BlockConsumer& consume);

 private:
  SnapshotFile(std::filesystem::path path, Database database, SnapshotManifest manifest)
      : path_(std::move(path)), database_(std::move(database)), manifest_(std::move(manifest)) {}

  std::filesystem::path path_;
  Database database_;
  SnapshotManifest manifest_;
};

/// The pieces below are shared with SnapshotWriter.
Status read_blocks(Database& database, const SnapshotManifest& manifest, int bucket,
                   const BlockConsumer& consume);
Status write_manifest(Database& database, const SnapshotManifest& manifest);

}  // namespace daymill
