// A file that appears whole or not at all: written under another name, then renamed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <daymill/status.hpp>

namespace daymill::jsonl {

/// Writes <path>.part, which becomes <path> by publish() and is removed by the destructor
/// otherwise. One attempt at a time: a second one on the same path gets CONFLICT, also in another
/// process. A part file that a killed process left behind is written over. Movable, not
/// thread-safe.
class PartFile {
 public:
  static Result<PartFile> create(std::filesystem::path path);
  ~PartFile();
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// RESOURCE_EXHAUSTED when the disk is full.
  Status write(std::string_view bytes);
  /// Makes the content durable, then the name: fsync, rename, fsync of the folder. Replaces what
  /// was there.
  Status publish();

 private:
  PartFile(std::filesystem::path path, std::filesystem::path part, int descriptor)
      : path_(std::move(path)), part_(std::move(part)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  std::filesystem::path part_;
  int descriptor_ = -1;  // -1: published or moved from
};

}  // namespace daymill::jsonl
