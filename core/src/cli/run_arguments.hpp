// Arguments that run and replay have in common.
#pragma once

#include <string>

#include "plan/day_range.hpp"
#include "run/run_context.hpp"

namespace CLI {
class App;
}

namespace daymill {

struct RunArguments {
  std::string pipeline;
  DayArguments days;
  RunSettings settings;
  std::size_t memory_mib = 96;

  [[nodiscard]] RunSettings run_settings() const {
    RunSettings result = settings;
    result.memory_limit = memory_mib << 20;
    return result;
  }
};

/// The pipeline, --date, --from, --to, --memory and --accept-decrease.
void add_arguments(CLI::App& command, RunArguments& arguments);

/// The pipeline alone, as every command takes it.
void add_pipeline_argument(CLI::App& command, std::string& pipeline);

}  // namespace daymill
