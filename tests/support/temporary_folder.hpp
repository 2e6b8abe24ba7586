#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace daymill::support {

/// A new empty folder under /tmp (`/tmp/daymill-<purpose>-XXXXXX`, mode 0755, so that a server
/// running as another user can pass through it). Removed with all its content by the destructor,
/// and also when the test program is killed.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view purpose = "test");
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

  /// Writes `content` into the file `name` of this folder, making its parent folders; returns its
  /// path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// The whole content of a file; throws std::runtime_error when it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace daymill::support
