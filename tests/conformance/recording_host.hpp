// Host services for tests: keep what was logged, stop when told.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/host_services.hpp"

namespace daymill {

class RecordingHost final : public HostServices {
 public:
  void log(std::int32_t level, std::string_view plugin, std::string_view message) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.push_back(std::to_string(level) + " " + std::string(plugin) + ": " +
                     std::string(message));
  }
  [[nodiscard]] bool stop_requested() const override { return stop_; }

  void stop() { stop_ = true; }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::atomic<bool> stop_{false};
};

}  // namespace daymill
