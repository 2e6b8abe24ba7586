#include "run/cancellation.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

namespace daymill::cancellation {

namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "it is set by a signal handler");

constexpr int kExitInterrupted = 130;

void on_signal(int /*signal*/) {
  if (stop_requested.exchange(true)) {
    ::_exit(kExitInterrupted);
  }
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void request() {
  stop_requested = true;
}
bool requested() {
  return stop_requested;
}
void reset() {
  stop_requested = false;
}

bool sleep_for(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (!requested() && std::chrono::steady_clock::now() < end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    std::this_thread::sleep_for(
        std::clamp(left, std::chrono::milliseconds(1), std::chrono::milliseconds(50)));
  }
  return !requested();
}

Status status() {
  return Status(Code::cancelled, "stopped on request; nothing is lost")
      .next("run the same command again to go on");
}

}  // namespace daymill::cancellation
