#include "support/sweeper.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <stdexcept>
#include <string>

namespace daymill::support {
namespace {

// A server that dies with this process may still be writing for a moment, hence the repetition.
constexpr const char* kScript =
    "trap '' INT TERM HUP; folders=; while read -r line; do folders=\"$folders $line\"; done; "
    "[ -z \"$folders\" ] && exit 0; n=0; while [ $n -lt 100 ]; do rm -rf $folders; left=; "
    "for f in $folders; do [ -e \"$f\" ] && left=1; done; [ -z \"$left\" ] && [ $n -gt 2 ] && "
    "exit 0; n=$((n+1)); sleep 0.1; done";

[[noreturn]] void become_sweeper(int read_end) {
  ::setsid();
  if (::fork() != 0)
    ::_exit(0);  // now a child of init, outside the test's process tree
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(read_end, 0);
  ::dup2(null, 1);
  ::dup2(null, 2);
  ::execl("/bin/sh", "sh", "-c", kScript, static_cast<char*>(nullptr));
  ::_exit(127);
}

int start_sweeper() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot create a pipe");
  const pid_t child = ::fork();
  if (child < 0)
    throw std::runtime_error("cannot fork");
  if (child == 0)
    become_sweeper(ends[0]);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  return ends[1];
}

}  // namespace

void remove_when_this_process_ends(const std::filesystem::path& folder) {
  static std::mutex mutex;
  static int pipe = -1;
  const std::lock_guard lock(mutex);
  if (pipe < 0)
    pipe = start_sweeper();
  const std::string line = folder.string() + "\n";
  if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("cannot tell the sweeper about " + folder.string());
}

}  // namespace daymill::support
