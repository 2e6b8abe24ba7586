// Files that are whole: InputFile, which can say after the last byte whether it was left alone
// meanwhile, and PartFile, which appears under its name only when all of it is durable.
//
//   DAYMILL_ASSIGN(InputFile file, InputFile::open(path));
//   DAYMILL_ASSIGN(std::size_t size, file.read(place, room));   // fewer than `room`: the end
//   if (!file.unchanged()) ...                                  // somebody wrote to it
//
//   DAYMILL_ASSIGN(PartFile out, PartFile::create(path));       // writes path.part
//   DAYMILL_TRY(out.write(bytes));
//   DAYMILL_TRY(out.publish());                                 // now it is path
//
// POSIX. Errors name the file: NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (disk full),
// UNAVAILABLE.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "daymill/status.hpp"

namespace daymill {

namespace detail {

inline Status file_failure(const char* what, const std::filesystem::path& path, int error) {
  Code code = Code::unavailable;
  if (error == ENOENT || error == ENOTDIR) {
    code = Code::not_found;
  } else if (error == EACCES || error == EPERM || error == EROFS) {
    code = Code::permission_denied;
  } else if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    code = Code::resource_exhausted;
  }
  return Status(code, std::string(what) + ": " + std::generic_category().message(error))
      .at(path.string());
}

inline bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

/// Takes the lock of the part file, or says that another attempt has it.
inline Status lock_part_file(int descriptor, const std::filesystem::path& part) {
  struct stat locked {};
  struct stat named {};
  // The other attempt may have renamed the file between our open and our lock: then it is no part
  // file any more, and must not be written to.
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 || ::fstat(descriptor, &locked) != 0 ||
      ::stat(part.c_str(), &named) != 0 || locked.st_dev != named.st_dev ||
      locked.st_ino != named.st_ino) {
    return Status(Code::conflict, "another attempt is writing this file").at(part.string());
  }
  return {};
}

inline Status sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return file_failure("cannot open the folder", folder, errno);
  }
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error == 0 ? Status() : file_failure("cannot sync the folder", folder, error);
}

}  // namespace detail

/// An open regular file. Movable, not thread-safe.
class InputFile {
 public:
  /// NOT_FOUND, PERMISSION_DENIED, or INVALID_DATA when it is not a regular file.
  static Result<InputFile> open(std::string path) {
    // O_NONBLOCK: opening a pipe must not wait for its other end.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
      return detail::file_failure("cannot open the file", path, errno);
    }
    struct stat now {};
    if (::fstat(descriptor, &now) != 0) {
      const int error = errno;
      ::close(descriptor);
      return detail::file_failure("cannot examine the file", path, error);
    }
    if (!S_ISREG(now.st_mode)) {
      ::close(descriptor);
      return Status(Code::invalid_data, "not a regular file").at(path);
    }
    return InputFile(std::move(path), descriptor, now);
  }
  ~InputFile() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  InputFile(InputFile&& other) noexcept
      : path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        at_open_(other.at_open_) {}
  InputFile& operator=(InputFile&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Fills `place` from where the last read ended; fewer bytes than `size` only at the end.
  Result<std::size_t> read(char* place, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count = ::read(descriptor_, place + done, size - done);
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return detail::file_failure("cannot read the file", path_, errno);
      }
      if (count == 0) {
        break;
      }
      done += static_cast<std::size_t>(count);
    }
    return done;
  }
  /// Is the file under this path still the one that was opened, with the size and modification time
  /// it had then?
  [[nodiscard]] bool unchanged() const {
    struct stat by_path {};
    struct stat by_descriptor {};
    return ::stat(path_.c_str(), &by_path) == 0 && ::fstat(descriptor_, &by_descriptor) == 0 &&
           detail::same_content(by_path, at_open_) && detail::same_content(by_descriptor, at_open_);
  }

 private:
  InputFile(std::string path, int descriptor, const struct stat& at_open)
      : path_(std::move(path)), descriptor_(descriptor), at_open_(at_open) {}

  std::string path_;
  int descriptor_ = -1;
  struct stat at_open_ {};
};

/// Is there a regular file under this path?
[[nodiscard]] inline bool is_regular_file(const std::string& path) {
  struct stat now {};
  return ::stat(path.c_str(), &now) == 0 && S_ISREG(now.st_mode);
}

/// Writes <path>.part, which becomes <path> by publish() and is removed by the destructor
/// otherwise. One attempt at a time: a second one on the same path gets CONFLICT, also in another
/// process. A part file that a killed process left behind is written over. Movable, not
/// thread-safe.
class PartFile {
 public:
  static Result<PartFile> create(std::filesystem::path path) {
    std::filesystem::path part = path;
    part += ".part";
    const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0) {
      return detail::file_failure("cannot create the file", part, errno);
    }
    Status status = detail::lock_part_file(descriptor, part);
    if (status.ok() && ::ftruncate(descriptor, 0) != 0) {
      status = detail::file_failure("cannot empty the file", part, errno);
    }
    if (!status.ok()) {
      ::close(descriptor);
      return status;
    }
    return PartFile(std::move(path), std::move(part), descriptor);
  }
  ~PartFile() {
    if (descriptor_ >= 0) {
      ::unlink(part_.c_str());
      ::close(descriptor_);
    }
  }
  PartFile(PartFile&& other) noexcept
      : path_(std::move(other.path_)),
        part_(std::move(other.part_)),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  PartFile& operator=(PartFile&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// RESOURCE_EXHAUSTED when the disk is full.
  Status write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return detail::file_failure("cannot write the file", part_, errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }
  /// Makes the content durable, then the name: fsync, rename, fsync of the folder. Replaces what
  /// was there.
  Status publish() {
    if (::fsync(descriptor_) != 0) {
      return detail::file_failure("cannot sync the file", part_, errno);
    }
    if (::rename(part_.c_str(), path_.c_str()) != 0) {
      return detail::file_failure("cannot rename the file to its final name", part_, errno);
    }
    ::close(std::exchange(descriptor_, -1));
    return detail::sync_folder_of(path_);
  }

 private:
  PartFile(std::filesystem::path path, std::filesystem::path part, int descriptor)
      : path_(std::move(path)), part_(std::move(part)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  std::filesystem::path part_;
  int descriptor_ = -1;  // -1: published or moved from
};

}  // namespace daymill
