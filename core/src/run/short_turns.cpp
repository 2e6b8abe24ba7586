#include "run/short_turns.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace daymill {

namespace {

/// struct sched_attr of linux/sched/types.h, its first version; the C library has none.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // ns
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

void take_short_turns() {
  SchedulingAttributes attributes;
  constexpr long kThisThread = 0;
  if (::syscall(SYS_sched_getattr, kThisThread, &attributes, sizeof attributes, 0) != 0 ||
      attributes.policy != SCHED_OTHER) {
    return;  // somebody gave the process a policy of its own
  }
  attributes.size = sizeof attributes;
  attributes.flags = 0;
  attributes.runtime = 100'000;
  static_cast<void>(::syscall(SYS_sched_setattr, kThisThread, &attributes, 0));
}

}  // namespace daymill
