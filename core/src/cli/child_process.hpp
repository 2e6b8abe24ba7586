// This program as a child of itself, with other arguments.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "daymill/status.hpp"

namespace daymill {

/// How a process ended.
struct ProcessEnd {
  int exit_code = 0;  ///< when no signal ended it
  int signal = 0;     ///< 0: none did
};

/// In a process group of its own, so that Ctrl-C in a terminal reaches only the parent, which
/// passes it on once. Output goes where the parent's goes, input comes from /dev/null. It is asked
/// to stop (SIGTERM) when the parent dies. Not waited for by the destructor. One thread.
class ChildProcess {
 public:
  /// The exit code of one whose program could not be run.
  static constexpr int kExitNotStarted = 127;

  /// The file that is run: this program's own.
  static std::string program();
  /// `daymill <arguments>`. INTERNAL or RESOURCE_EXHAUSTED when it cannot be started.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments);

  /// Nothing while it runs. After that it must not be asked again.
  [[nodiscard]] std::optional<ProcessEnd> ended() const;
  void send_signal(int number) const;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

}  // namespace daymill
