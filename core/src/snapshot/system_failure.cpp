#include "snapshot/system_failure.hpp"

#include <cerrno>
#include <cstring>
#include <string>

namespace daymill {

Status system_failure(const char* what, const std::filesystem::path& path) {
  const int error = errno;
  const Code code = error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO
                        ? Code::resource_exhausted
                    : error == EACCES || error == EPERM ? Code::permission_denied
                                                        : Code::internal;
  return Status(code, std::string("cannot ") + what + ": " + std::strerror(error))
      .at(path.string());
}

}  // namespace daymill
