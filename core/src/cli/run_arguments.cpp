#include "cli/run_arguments.hpp"

#include <CLI/CLI.hpp>

namespace daymill {

void add_pipeline_argument(CLI::App& command, std::string& pipeline) {
  command.add_option("pipeline", pipeline, "Pipeline file, or the name of one in ./pipelines")
      ->required();
}

void add_arguments(CLI::App& command, RunArguments& arguments) {
  add_pipeline_argument(command, arguments.pipeline);
  command.add_option("--date", arguments.days.date, "The day, YYYY-MM-DD");
  command.add_option("--from", arguments.days.from, "First day");
  command.add_option("--to", arguments.days.to, "Last day, included");
  command.add_option("--memory", arguments.memory_mib, "MiB that combining may hold at once")
      ->check(CLI::Range(1, 1 << 20));
  command.add_flag("--accept-decrease", arguments.settings.accept_decrease,
                   "A smaller result may replace what is loaded");
}

}  // namespace daymill
