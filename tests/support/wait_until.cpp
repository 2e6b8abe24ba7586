#include "support/wait_until.hpp"

#include <thread>

namespace daymill::support {

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kPollInterval{3};
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return condition();
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

}  // namespace daymill::support
