// A word to the operating system's scheduler.
#pragma once

namespace daymill {

/// For a thread that mostly waits for a server and should go on at once when the answer is there,
/// because the server idles until it is asked again: lets the calling thread run in turns of a
/// tenth of a millisecond, so that it need not wait for the end of another's turn of some
/// milliseconds. It gets no larger share of the processor. Linux 6.12 and newer (sched_setattr(2),
/// sched_runtime with SCHED_OTHER); elsewhere nothing happens.
void take_short_turns();

}  // namespace daymill
