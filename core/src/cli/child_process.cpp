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

/// Between fork and exec: only what is safe there.
[[noreturn]] void become(const char* program, char* const* arguments, pid_t parent) {
  ::setpgid(0, 0);
  std::signal(SIGINT, SIG_DFL);   // the parent's handlers would note them for a program that is
  std::signal(SIGTERM, SIG_DFL);  // about to be gone
  std::signal(SIGTTOU, SIG_IGN);  // it writes to the terminal though it is not in front
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) {  // it died before it could be named
    ::_exit(ChildProcess::kExitNotStarted);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, STDIN_FILENO) < 0) {
    ::_exit(ChildProcess::kExitNotStarted);
  }
  if (input != STDIN_FILENO) {
    ::close(input);
  }
  ::execv(program, arguments);
  ::_exit(ChildProcess::kExitNotStarted);
}

}  // namespace

/// By its path, not by its file: after an upgrade the new program runs, with its new plugins.
std::string ChildProcess::program() {
  std::error_code error;
  static const std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
  return path;
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments) {
  const std::string path = program();
  if (path.empty()) {
    return Status(Code::internal, "cannot find this program's own file").at("/proc/self/exe");
  }
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
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
    become(path.c_str(), argv.data(), parent);
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
