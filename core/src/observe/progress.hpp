// How far a run is: what the engine tells, and the bar on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace daymill {

/// Told by the engine, from any thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// A phase began: "extract", "load", "remove". expected_rows: -1 when unknown.
  virtual void phase_started(const std::string& /*phase*/, std::int64_t /*expected_rows*/) {}
  virtual void rows_done(std::int64_t /*rows*/) {}
  virtual void phase_ended() {}
};

/// One line on stderr that is drawn over, at most ten times a second. Draws nothing when stderr is
/// not a terminal.
class ProgressBar final : public RunObserver {
 public:
  /// `label`: what is being run, "ad_ctr 2026-11-22".
  explicit ProgressBar(std::string label);
  ~ProgressBar() override;
  void phase_started(const std::string& phase, std::int64_t expected_rows) override;
  void rows_done(std::int64_t rows) override;
  void phase_ended() override;

 private:
  void draw(bool finished);

  std::mutex mutex_;
  bool visible_;
  std::string label_;
  std::string phase_;
  std::int64_t expected_rows_ = -1;
  std::int64_t rows_ = 0;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace daymill
