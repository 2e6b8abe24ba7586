// The program: parses the command line, runs one command, gives the exit code.
#pragma once

namespace daymill {

/// 0 done (also "nothing to do"), 1 a partition failed, 2 the user's mistake, 3 the environment,
/// 130 interrupted.
int run_command_line(int argc, char** argv);

}  // namespace daymill
