#include "snapshot/snapshot_store.hpp"

#include <algorithm>
#include <tuple>

#include "daymill/failpoint.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

std::filesystem::path SnapshotStore::path_for(const std::string& pipeline,
                                              const std::string& partition,
                                              const std::string& split, std::int64_t generation,
                                              const std::string& run_id) const {
  std::string name;
  for (const char c : split.substr(0, 120)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    name += plain ? c : '_';
  }
  return path_of(pipeline, partition,
                 name + ".g" + std::to_string(generation) + "." + run_id + ".snap");
}

std::filesystem::path SnapshotStore::path_of(const std::string& pipeline,
                                             const std::string& partition,
                                             const std::string& file_name) const {
  return root_ / pipeline / partition / std::filesystem::path(file_name).filename();
}

Result<std::vector<StoredSnapshot>> SnapshotStore::list(const std::string& pipeline,
                                                        const std::string& partition) const {
  DAYMILL_FAILPOINT("snapshot.list");
  const std::filesystem::path folder =
      partition.empty() ? root_ / pipeline : root_ / pipeline / partition;
  std::vector<StoredSnapshot> found;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    return found;
  }
  for (auto entry = std::filesystem::recursive_directory_iterator(folder, error);
       !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != ".snap") {
      continue;
    }
    auto file = SnapshotFile::open(entry->path());
    if (!file.ok() && !std::filesystem::exists(entry->path(), error)) {
      continue;  // another process has just deleted it
    }
    if (!file.ok()) {
      return Status(file.status())
          .next("move " + entry->path().string() + " away to go on without it");
    }
    std::error_code ignored;
    found.push_back(StoredSnapshot{
        entry->path(), std::filesystem::file_size(entry->path(), ignored), file->manifest()});
  }
  if (error) {
    return Status(Code::permission_denied, "cannot list the snapshot folder: " + error.message())
        .at(folder.string());
  }
  std::sort(found.begin(), found.end(), [](const StoredSnapshot& a, const StoredSnapshot& b) {
    return std::tie(a.manifest.partition, a.manifest.run_id, a.path) <
           std::tie(b.manifest.partition, b.manifest.run_id, b.path);
  });
  return found;
}

}  // namespace daymill
