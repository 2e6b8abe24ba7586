// daymill new: pipelines and plugins from a template
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace daymill {

void add_new_command(CLI::App& app, const Runner& runner) {
  CLI::App* parent = app.add_subcommand("new", "Write a new pipeline or plugin");
  parent->require_subcommand(1);
  add_new_pipeline_command(*parent, runner);
  add_new_plugin_command(*parent, runner);
}

}  // namespace daymill
