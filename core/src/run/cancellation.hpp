// Asking a run to stop: by SIGINT, SIGTERM or a call. Everything that waits looks here.
#pragma once

#include <chrono>

#include "daymill/status.hpp"

namespace daymill {

/// One for the process, because signals are. All functions may be called from any thread.
namespace cancellation {

/// SIGINT and SIGTERM request a stop; a second one ends the process at once (everything can be
/// resumed either way).
void install_signal_handlers();
void request();
[[nodiscard]] bool requested();
/// For tests: forget a request.
void reset();
/// Waits; false when a stop was requested meanwhile.
bool sleep_for(std::chrono::milliseconds duration);
/// CANCELLED, with what to type to go on.
Status status();

}  // namespace cancellation
}  // namespace daymill
