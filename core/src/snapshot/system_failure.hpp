// What a system call left in errno, as a status.
#pragma once

#include <filesystem>

#include "daymill/status.hpp"

namespace daymill {

/// "cannot <what>: <reason>" at `path`: RESOURCE_EXHAUSTED for a disk that is full or fails,
/// PERMISSION_DENIED, otherwise INTERNAL. To be called before anything else may change errno.
Status system_failure(const char* what, const std::filesystem::path& path);

}  // namespace daymill
