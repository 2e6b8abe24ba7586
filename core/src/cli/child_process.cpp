#include "cli/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace daymill {

namespace {

constexpr int kExitNotStarted = 127;

/// Between fork and exec: only what is safe there.
[[noreturn]] void become(const char* program, char* const* arguments, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) {  // it died before it could be named
    ::_exit(kExitNotStarted);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, STDIN_FILENO) < 0) {
    ::_exit(kExitNotStarted);
  }
  ::execv(program, arguments);
  ::_exit(kExitNotStarted);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments) {
  // By its path, not by its file: after an upgrade the new program runs, with its new plugins.
  std::error_code error;
  static const std::string program =
      std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (program.empty()) {
    return Status(Code::internal, "cannot find this program's own file: " + error.message());
  }
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    return Status(Code::resource_exhausted,
                  std::string("cannot start a process: ") + std::strerror(errno));
  }
  if (child == 0) {
    become(program.c_str(), argv.data(), parent);
  }
  ::setpgid(child, child);  // whoever comes first
  return ChildProcess(child);
}

std::optional<ProcessEnd> ChildProcess::ended() const {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) {
    return std::nullopt;
  }
  return WIFSIGNALED(status) ? ProcessEnd{0, WTERMSIG(status)} : ProcessEnd{WEXITSTATUS(status), 0};
}

void ChildProcess::send_signal(int number) const {
  ::kill(pid_, number);
}

}  // namespace daymill
