#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/user.hpp"

namespace daymill::support {

/// How to start a program. Nothing goes through a shell.
struct ProcessOptions {
  std::vector<std::string> argv;  ///< argv[0] is a path, or a name looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment{};  ///< added to this process's
  std::vector<std::string> unset{};            ///< names removed from this process's environment
  std::optional<std::string> input{};          ///< standard input; /dev/null when absent
  std::filesystem::path folder{};              ///< working directory; this process's when empty
  std::optional<User> user{};                  ///< run as this account (only root can ask for it)
  std::chrono::milliseconds timeout{120'000};  ///< of run_process; then SIGKILL
  int death_signal = SIGKILL;                  ///< sent to it when the thread that started it ends
};

/// What became of a program.
struct ProcessResult {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;      ///< the signal that ended it, or 0
  bool timed_out = false;
  std::string standard_output;
  std::string standard_error;
};

/// A program running in the background, in a process group of its own. Its output is kept in memory
/// files, so it never blocks on a reader. The destructor kills it (SIGKILL) and waits for it.
/// Use from one thread. It also dies when the thread that started it ends.
class Process {
 public:
  /// Throws std::runtime_error when the program cannot be found or started.
  explicit Process(const ProcessOptions& options);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  void send_signal(int number);
  /// Waits for its end; nothing when it still runs after `timeout`.
  [[nodiscard]] std::optional<ProcessResult> wait(std::chrono::milliseconds timeout);
  /// SIGKILL to its whole process group, then waits.
  void kill_group();
  /// What it has written so far.
  [[nodiscard]] std::string standard_output() const;
  [[nodiscard]] std::string standard_error() const;

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  int error_ = -1;
  std::optional<int> status_;  // as waitpid gives it, once it ended
};

/// Runs a program to its end; kills it when `options.timeout` has passed.
[[nodiscard]] ProcessResult run_process(const ProcessOptions& options);

}  // namespace daymill::support
