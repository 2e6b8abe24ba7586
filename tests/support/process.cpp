#include "support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "support/wait_until.hpp"

namespace daymill::support {
namespace {

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos)
    return name;
  const char* path = std::getenv("PATH");
  std::string folders = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  folders += ":/usr/sbin:/sbin:";
  for (std::size_t begin = 0, end; (end = folders.find(':', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string file = folders.substr(begin, end - begin) + "/" + name;
    if (::access(file.c_str(), X_OK) == 0)
      return file;
  }
  throw std::runtime_error("program not found in PATH: " + name + " (scripts/setup installs it)");
}

std::vector<std::string> build_environment(const ProcessOptions& options) {
  const auto name_of = [](const std::string& entry) { return entry.substr(0, entry.find('=')); };
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name = name_of(*entry);
    const bool replaced = std::any_of(options.environment.begin(), options.environment.end(),
                                      [&](const auto& added) { return added.first == name; });
    const bool removed =
        std::find(options.unset.begin(), options.unset.end(), name) != options.unset.end();
    if (!replaced && !removed)
      entries.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.environment)
    entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

int memory_file(const char* name, const std::string& content = {}) {
  const int file = ::memfd_create(name, MFD_CLOEXEC);
  if (file < 0)
    throw std::runtime_error("memfd_create failed");
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t written = ::write(file, content.data() + done, content.size() - done);
    if (written < 0)
      throw std::runtime_error("cannot write standard input of a process");
    done += static_cast<std::size_t>(written);
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

std::string content_of(int file) {
  std::string content;
  char buffer[65536];
  for (ssize_t n;
       (n = ::pread(file, buffer, sizeof buffer, static_cast<off_t>(content.size()))) > 0;)
    content.append(buffer, static_cast<std::size_t>(n));
  return content;
}

struct Launch {
  std::string program;
  std::vector<std::string> arguments, environment;
  std::string folder;
  std::optional<User> user;
  int input, output, error, failure, death_signal;
  pid_t parent;
};

// Runs between fork and exec: only calls that are safe there.
[[noreturn]] void become(const Launch& launch, char* const* argv, char* const* envp) {
  const auto fail = [&] {
    const int number = errno;
    [[maybe_unused]] const ssize_t ignored = ::write(launch.failure, &number, sizeof number);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::dup2(launch.input, 0);
  ::dup2(launch.output, 1);
  ::dup2(launch.error, 2);
  if (launch.user && (::setgroups(launch.user->groups.size(), launch.user->groups.data()) != 0 ||
                      ::setgid(launch.user->gid) != 0 || ::setuid(launch.user->uid) != 0))
    fail();
  ::prctl(PR_SET_PDEATHSIG, launch.death_signal);  // after setuid, which would clear it
  if (::getppid() != launch.parent)
    ::_exit(127);
  if (!launch.folder.empty() && ::chdir(launch.folder.c_str()) != 0)
    fail();
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execve(launch.program.c_str(), argv, envp);
  fail();
  ::_exit(127);
}

pid_t launch_process(Launch& launch, const std::string& name) {
  int failure[2];
  if (::pipe2(failure, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot create a pipe");
  launch.failure = failure[1];
  launch.parent = ::getpid();
  auto argv = pointers(launch.arguments);
  auto envp = pointers(launch.environment);
  const pid_t child = ::fork();
  if (child == 0)
    become(launch, argv.data(), envp.data());
  ::close(failure[1]);
  int number = 0;
  const bool failed = child < 0 || ::read(failure[0], &number, sizeof number) > 0;
  ::close(failure[0]);
  if (failed) {
    if (child > 0)
      ::waitpid(child, nullptr, 0);
    throw std::runtime_error("cannot start " + name + ": " + std::strerror(number));
  }
  return child;
}

}  // namespace

Process::Process(const ProcessOptions& options) {
  if (options.argv.empty())
    throw std::runtime_error("no program given");
  Launch launch{find_program(options.argv[0]),
                options.argv,
                build_environment(options),
                options.folder.string(),
                options.user,
                -1,
                -1,
                -1,
                -1,
                options.death_signal,
                0};
  launch.input = options.input ? memory_file("stdin", *options.input)
                               : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  output_ = launch.output = memory_file("stdout");
  error_ = launch.error = memory_file("stderr");
  try {
    pid_ = launch_process(launch, options.argv[0]);
  } catch (...) {
    for (const int file : {launch.input, output_, error_})
      ::close(file);
    throw;
  }
  ::close(launch.input);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      error_(std::exchange(other.error_, -1)),
      status_(std::exchange(other.status_, std::nullopt)) {}

Process::~Process() {
  if (pid_ > 0)
    kill_group();
  if (output_ >= 0)
    ::close(output_);
  if (error_ >= 0)
    ::close(error_);
}

bool Process::running() {
  if (status_)
    return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0)
    return true;
  status_ = status;
  return false;
}

void Process::send_signal(int number) {
  if (running())
    ::kill(pid_, number);
}

std::optional<ProcessResult> Process::wait(std::chrono::milliseconds timeout) {
  if (!wait_until([this] { return !running(); }, timeout))
    return std::nullopt;
  ProcessResult result;
  if (WIFEXITED(*status_))
    result.exit_code = WEXITSTATUS(*status_);
  if (WIFSIGNALED(*status_))
    result.signal = WTERMSIG(*status_);
  result.standard_output = standard_output();
  result.standard_error = standard_error();
  return result;
}

void Process::kill_group() {
  if (!running())
    return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  status_ = status;
}

std::string Process::standard_output() const {
  return content_of(output_);
}
std::string Process::standard_error() const {
  return content_of(error_);
}

ProcessResult run_process(const ProcessOptions& options) {
  Process process(options);
  if (auto result = process.wait(options.timeout))
    return *std::move(result);
  process.kill_group();
  ProcessResult result = process.wait(std::chrono::seconds(1)).value();
  result.timed_out = true;
  return result;
}

}  // namespace daymill::support
