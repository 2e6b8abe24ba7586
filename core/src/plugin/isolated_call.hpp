// Running code of a plugin in a process of its own, so that a crash or an endless loop in it is a
// result and not the end of the program.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace daymill {

/// How the child process ended.
struct IsolatedEnd {
  bool returned = false;   ///< the function gave its answer
  std::string answer;      ///< what it gave
  int signal = 0;          ///< the signal that ended the child, or 0
  int exit_code = 0;       ///< of a child that ended by itself without an answer
  bool timed_out = false;  ///< it was killed when its time was over
  std::string output;      ///< the last of what it wrote to stdout and stderr

  /// For people: "crashed: signal 11 (Segmentation fault)". Empty when it returned.
  [[nodiscard]] std::string failure() const;
};

/// Forks, runs `body` in the child with stdout and stderr kept apart, and waits for its answer, at
/// most `time_limit`; then the child is killed. The child ends with _exit: no exit handler of the
/// caller runs in it. It dies with the thread that called. Call it only while no other thread of
/// the process runs.
IsolatedEnd call_isolated(const std::function<std::string()>& body,
                          std::chrono::milliseconds time_limit);

}  // namespace daymill
