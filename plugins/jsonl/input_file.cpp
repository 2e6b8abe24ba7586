#include "input_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace daymill::jsonl {
namespace {

Status failure(const char* what, const std::string& path, int error) {
  const Code code = error == ENOENT || error == ENOTDIR ? Code::not_found
                    : error == EACCES || error == EPERM ? Code::permission_denied
                                                        : Code::unavailable;
  return Status(code, std::string(what) + ": " + std::generic_category().message(error)).at(path);
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

Result<InputFile> InputFile::open(std::string path) {
  // O_NONBLOCK: opening a pipe must not wait for its other end.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return failure("cannot open the file", path, errno);
  }
  struct stat now {};
  if (::fstat(descriptor, &now) != 0) {
    const int error = errno;
    ::close(descriptor);
    return failure("cannot examine the file", path, error);
  }
  if (!S_ISREG(now.st_mode)) {
    ::close(descriptor);
    return Status(Code::invalid_data, "not a regular file").at(path);
  }
  return InputFile(std::move(path), descriptor, now);
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      at_open_(other.at_open_) {}

InputFile::~InputFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Result<std::size_t> InputFile::read(char* place, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(descriptor_, place + done, size - done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return failure("cannot read the file", path_, errno);
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

bool InputFile::unchanged() const {
  struct stat by_path {};
  struct stat by_descriptor {};
  return ::stat(path_.c_str(), &by_path) == 0 && ::fstat(descriptor_, &by_descriptor) == 0 &&
         same_file(by_path, at_open_) && same_file(by_descriptor, at_open_);
}

bool is_regular_file(const std::string& path) {
  struct stat now {};
  return ::stat(path.c_str(), &now) == 0 && S_ISREG(now.st_mode);
}

}  // namespace daymill::jsonl
