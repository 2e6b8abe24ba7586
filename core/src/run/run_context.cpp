#include "run/run_context.hpp"

#include <algorithm>

namespace daymill {

PhaseTimer::PhaseTimer(RunContext& context, std::string phase, std::int64_t expected_rows)
    : context_(context), phase_(std::move(phase)), started_(std::chrono::steady_clock::now()) {
  context_.observer.phase_started(phase_, expected_rows);
}

PhaseTimer::~PhaseTimer() {
  context_.observer.phase_ended();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  for (PhaseReport& phase : context_.report.phases) {
    if (phase.phase == phase_) {
      phase.rows += rows_;
      phase.seconds += seconds;
      return;
    }
  }
  context_.report.phases.push_back(PhaseReport{phase_, rows_, seconds});
}

void warn(RunContext& context, const std::string& text) {
  std::vector<std::string>& warnings = context.report.warnings;
  if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) {
    warnings.push_back(text);
    context.log.write(LogLevel::warning, "engine", text);
  }
}

}  // namespace daymill
