#pragma once

#include <chrono>
#include <functional>

namespace daymill::support {

/// Asks `condition` again and again until it is true or `timeout` has passed; returns its last
/// answer. The one way to wait in a test: nothing is assumed to be ready after a fixed time.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                              std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace daymill::support
