// The folder of snapshots: <root>/<pipeline>/<partition>/<split>.g<generation>.<run id>.snap
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "daymill/status.hpp"
#include "snapshot/manifest.hpp"

namespace daymill {

struct StoredSnapshot {
  std::filesystem::path path;
  std::uintmax_t bytes = 0;
  SnapshotManifest manifest;
};

class SnapshotStore {
 public:
  explicit SnapshotStore(std::filesystem::path root) : root_(std::move(root)) {}

  /// Where a new snapshot goes. Bytes of the split's name that do not belong in a file name become
  /// '_'; the manifest has the name.
  [[nodiscard]] std::filesystem::path path_for(const std::string& pipeline,
                                               const std::string& partition,
                                               const std::string& split, std::int64_t generation,
                                               const std::string& run_id) const;
  /// Where a receipt's file name is.
  [[nodiscard]] std::filesystem::path path_of(const std::string& pipeline,
                                              const std::string& partition,
                                              const std::string& file_name) const;
  /// Published snapshots, oldest first; empty `partition`: of all. A file that cannot be read is an
  /// error that names it.
  [[nodiscard]] Result<std::vector<StoredSnapshot>> list(const std::string& pipeline,
                                                         const std::string& partition = "") const;
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace daymill
