// One function per command: adds it to the program. When the user calls it, it runs and leaves its
// exit code in `exit_code`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace daymill {

class Session;

/// Makes the session once the global options are known, then runs the command's body.
using CommandBody = std::function<int(Session&)>;
using Runner = std::function<void(const CommandBody&)>;

void add_run_command(CLI::App& app, const Runner& runner);
void add_replay_command(CLI::App& app, const Runner& runner);
void add_resume_command(CLI::App& app, const Runner& runner);
void add_decide_command(CLI::App& app, const Runner& runner);
void add_adopt_command(CLI::App& app, const Runner& runner);
void add_why_command(CLI::App& app, const Runner& runner);
void add_rejects_command(CLI::App& app, const Runner& runner);
void add_schedule_command(CLI::App& app, const Runner& runner);
void add_state_command(CLI::App& app, const Runner& runner);
void add_plan_command(CLI::App& app, const Runner& runner);
void add_validate_command(CLI::App& app, const Runner& runner);
void add_preview_command(CLI::App& app, const Runner& runner);
void add_test_command(CLI::App& app, const Runner& runner);
void add_explain_command(CLI::App& app, const Runner& runner);
void add_new_command(CLI::App& app, const Runner& runner);
void add_new_pipeline_command(CLI::App& parent, const Runner& runner);
void add_status_command(CLI::App& app, const Runner& runner);
void add_show_command(CLI::App& app, const Runner& runner);
void add_snapshots_command(CLI::App& app, const Runner& runner);
void add_plugins_command(CLI::App& app, const Runner& runner);
void add_plugins_certify_command(CLI::App& plugins, const Runner& runner);
void add_plugins_doctor_command(CLI::App& plugins, const Runner& runner);
void add_new_plugin_command(CLI::App& parent, const Runner& runner);
void add_schema_command(CLI::App& app, const Runner& runner);
void add_doctor_command(CLI::App& app, const Runner& runner);

}  // namespace daymill
