#pragma once

#include <chrono>
#include <optional>

#include "schedule/timetable.hpp"

namespace daymill {

// What one pipeline waits for: its next time, or to be tried again. Knows no clock: `now` is given.
class Trigger {
 public:
  // The first and the longest pause after a run that is worth trying again.
  static constexpr std::chrono::minutes kFirstPause{5};
  static constexpr std::chrono::minutes kLongestPause{60};

  // When the pipeline is to be run; not after `now`: at once. A time before the first begin() is
  // made up for.
  Instant due(const Timetable& timetable, Instant now) const;
  // It is run for all times up to `now`.
  void begin(Instant now);
  // That run has ended. `try_again`: pauses double from one time to the next.
  void end(bool try_again, Instant now);

 private:
  std::optional<Instant> begun_;
  std::optional<Instant> again_;
  std::chrono::minutes pause_ = kFirstPause;
};

}  // namespace daymill
