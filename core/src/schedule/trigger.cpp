#include "schedule/trigger.hpp"

#include <algorithm>

namespace daymill {

Instant Trigger::due(const Timetable& timetable, Instant now) const {
  const Instant last = timetable.last_time(now);
  if (time_ != last)
    return last;
  const Instant next = timetable.next_time(now);
  return again_ ? std::min(*again_, next) : next;
}

void Trigger::begin(const Timetable& timetable, Instant now) {
  const Instant last = timetable.last_time(now);
  if (time_ != last)
    pause_ = kFirstPause;
  time_ = last;
  again_.reset();
}

void Trigger::end(bool try_again, Instant now) {
  if (!try_again)
    return;
  again_ = now + pause_;
  pause_ = std::min(2 * pause_, kLongestPause);
}

}  // namespace daymill
