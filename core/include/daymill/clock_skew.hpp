// For Source::check() and Sink::check(): does a server's clock agree with this machine's? Whether a
// day is over is judged by this machine's clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace daymill {

inline constexpr std::int64_t kHarmlessSkewSeconds = 5;

/// A warning for people when `server_seconds` (since 1970, UTC) is more than a few seconds away
/// from now; otherwise empty.
inline std::string clock_skew_warning(std::int64_t server_seconds) {
  const std::int64_t here = std::chrono::duration_cast<std::chrono::seconds>(
                                std::chrono::system_clock::now().time_since_epoch())
                                .count();
  const std::int64_t ahead = server_seconds - here;
  if (std::llabs(ahead) <= kHarmlessSkewSeconds) {
    return {};
  }
  return "warning: the server's clock is " + std::to_string(std::llabs(ahead)) + " s " +
         (ahead > 0 ? "ahead of" : "behind") +
         " this machine's, expected the same: a day may be taken for closed too early or too late";
}

}  // namespace daymill
