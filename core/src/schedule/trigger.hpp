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

  // When the pipeline is to be run; not after `now`: at once. The last time is made up for if it
  // was another that the pipeline was run for: before the first begin(), after a long run or sleep,
  // and when the clock was put right.
  Instant due(const Timetable& timetable, Instant now) const;
  // It is run for the last time, and with it for all before.
  void begin(const Timetable& timetable, Instant now);
  // That run has ended. `try_again`: after a pause that doubles until the next time comes.
  void end(bool try_again, Instant now);

 private:
  std::optional<Instant> time_;  // that it was run for
  std::optional<Instant> again_;
  std::chrono::minutes pause_ = kFirstPause;
};

}  // namespace daymill
