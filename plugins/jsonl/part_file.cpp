#include "part_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace daymill::jsonl {
namespace {

Status failure(const char* what, const std::filesystem::path& path, int error) {
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

/// Takes the lock of the part file, or says that another attempt has it.
Status lock(int descriptor, const std::filesystem::path& part) {
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

Status sync_folder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return failure("cannot open the folder", folder, errno);
  }
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error == 0 ? Status() : failure("cannot sync the folder", folder, error);
}

}  // namespace

Result<PartFile> PartFile::create(std::filesystem::path path) {
  std::filesystem::path part = path;
  part += ".part";
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) {
    return failure("cannot create the file", part, errno);
  }
  Status status = lock(descriptor, part);
  if (status.ok() && ::ftruncate(descriptor, 0) != 0) {
    status = failure("cannot empty the file", part, errno);
  }
  if (!status.ok()) {
    ::close(descriptor);
    return status;
  }
  return PartFile(std::move(path), std::move(part), descriptor);
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_(std::move(other.part_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

PartFile::~PartFile() {
  if (descriptor_ >= 0) {
    ::unlink(part_.c_str());
    ::close(descriptor_);
  }
}

Status PartFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return failure("cannot write the file", part_, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Status PartFile::publish() {
  if (::fsync(descriptor_) != 0) {
    return failure("cannot sync the file", part_, errno);
  }
  if (::rename(part_.c_str(), path_.c_str()) != 0) {
    return failure("cannot rename the file to its final name", part_, errno);
  }
  ::close(std::exchange(descriptor_, -1));
  return sync_folder(path_);
}

}  // namespace daymill::jsonl
