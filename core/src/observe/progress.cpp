#include "observe/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace daymill {

namespace {
constexpr int kBarWidth = 24;
constexpr auto kRedrawEvery = std::chrono::milliseconds(100);
}  // namespace

ProgressBar::ProgressBar(std::string label)
    : visible_(::isatty(STDERR_FILENO) == 1), label_(std::move(label)) {}

ProgressBar::~ProgressBar() {
  if (visible_ && !phase_.empty()) {
    std::fputs("\r\033[K", stderr);
  }
}

void ProgressBar::phase_started(const std::string& phase, std::int64_t expected_rows) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  expected_rows_ = expected_rows;
  rows_ = 0;
  started_ = std::chrono::steady_clock::now();
  draw(false);
}

void ProgressBar::rows_done(std::int64_t rows) {
  const std::lock_guard lock(mutex_);
  rows_ += rows;
  if (visible_ && std::chrono::steady_clock::now() - drawn_ >= kRedrawEvery) {
    draw(false);
  }
}

void ProgressBar::phase_ended() {
  const std::lock_guard lock(mutex_);
  draw(true);
  phase_.clear();
}

void ProgressBar::draw(bool finished) {
  if (!visible_ || phase_.empty()) {
    return;
  }
  drawn_ = std::chrono::steady_clock::now();
  if (finished) {
    std::fputs("\r\033[K", stderr);
    return;
  }
  const double seconds = std::max(0.001, std::chrono::duration<double>(drawn_ - started_).count());
  std::string bar;
  if (expected_rows_ > 0) {
    const auto filled =
        static_cast<int>(std::min<std::int64_t>(kBarWidth, rows_ * kBarWidth / expected_rows_));
    bar = "[" + std::string(static_cast<std::size_t>(filled), '#') +
          std::string(static_cast<std::size_t>(kBarWidth - filled), '.') + "] ";
  }
  std::fprintf(stderr, "\r\033[K%s %-8s %s%lld rows, %.0f rows/s", label_.c_str(), phase_.c_str(),
               bar.c_str(), static_cast<long long>(rows_), static_cast<double>(rows_) / seconds);
  std::fflush(stderr);
}

}  // namespace daymill
