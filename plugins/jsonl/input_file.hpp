// A file being read that can say afterwards whether it was left alone meanwhile.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <string>

#include <daymill/status.hpp>

namespace daymill::jsonl {

/// An open regular file. Movable, not thread-safe.
class InputFile {
 public:
  /// NOT_FOUND, PERMISSION_DENIED, or INVALID_DATA when it is not a regular file.
  static Result<InputFile> open(std::string path);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Fills `place` from where the last read ended; fewer bytes than `size` only at the end.
  Result<std::size_t> read(char* place, std::size_t size);
  /// Is the file under this path still the one that was opened, with the size and modification time
  /// it had then?
  [[nodiscard]] bool unchanged() const;

 private:
  InputFile(std::string path, int descriptor, const struct stat& at_open)
      : path_(std::move(path)), descriptor_(descriptor), at_open_(at_open) {}

  std::string path_;
  int descriptor_ = -1;
  struct stat at_open_ {};
};

/// Is there a regular file under this path?
[[nodiscard]] bool is_regular_file(const std::string& path);

}  // namespace daymill::jsonl
