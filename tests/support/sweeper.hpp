#pragma once

#include <filesystem>

namespace daymill::support {

/// Has `folder` removed when this process is gone, however it ends (return, abort, kill -9).
/// One small shell per test program waits for that at the other end of a pipe.
/// `folder` must not contain white space.
void remove_when_this_process_ends(const std::filesystem::path& folder);

}  // namespace daymill::support
