#include "plugin/isolated_call.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

namespace daymill {

namespace {

using Clock = std::chrono::steady_clock;

constexpr off_t kOutputKept = 4096;
constexpr int kThrew = 97;  // exit codes of a child without an answer
constexpr int kNoPlace = 98;

/// A signal is to end the child as a signal, whatever handlers the caller has.
void restore_signals() {
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGINT, SIGTERM}) {
    signal(number, SIG_DFL);
  }
}

/// Never returns.
[[noreturn]] void run_child(const std::function<std::string()>& body, int answer, int output,
                            pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(kNoPlace);
  }
  restore_signals();
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  try {
    const std::string text = body();
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = write(answer, text.data() + done, text.size() - done);
      if (n < 0 && errno != EINTR) {
        _exit(kNoPlace);
      }
      done += n < 0 ? 0 : static_cast<std::size_t>(n);
    }
    std::fflush(nullptr);
    _exit(0);
  } catch (const std::exception& exception) {
    dprintf(STDERR_FILENO, "uncaught exception: %s\n", exception.what());
  } catch (...) {
    dprintf(STDERR_FILENO, "uncaught exception that is no std::exception\n");
  }
  _exit(kThrew);
}

std::string tail_of(int file) {
  const off_t size = lseek(file, 0, SEEK_END);
  const off_t start = size > kOutputKept ? size - kOutputKept : 0;
  std::string text(static_cast<std::size_t>(size - start), '\0');
  const ssize_t read = pread(file, text.data(), text.size(), start);
  text.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
  return text;
}

/// Reads until the child has closed its end; false when the time is over before.
bool read_answer(int answer, Clock::time_point deadline, std::string& text) {
  std::array<char, 4096> page{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      return false;
    }
    pollfd wait{answer, POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(left)) <= 0) {
      continue;
    }
    const ssize_t n = read(answer, page.data(), page.size());
    if (n == 0) {
      return true;
    }
    if (n > 0) {
      text.append(page.data(), static_cast<std::size_t>(n));
    }
  }
}

}  // namespace

std::string IsolatedEnd::failure() const {
  if (returned) {
    return {};
  }
  if (timed_out) {
    return "hung: it was killed when its time was over";
  }
  if (signal != 0) {
    return "crashed: signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  return exit_code == kThrew
             ? "an exception left the plugin"
             : "ended the process by itself with exit code " + std::to_string(exit_code);
}

IsolatedEnd call_isolated(const std::function<std::string()>& body,
                          std::chrono::milliseconds time_limit) {
  IsolatedEnd end;
  std::array<int, 2> answer{};
  const int output = memfd_create("output", MFD_CLOEXEC);
  if (output < 0 || pipe2(answer.data(), O_CLOEXEC) != 0) {
    end.exit_code = kNoPlace;
    return end;
  }
  std::fflush(nullptr);  // what waits in the caller's buffers is not written twice
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    close(answer[0]);
    run_child(body, answer[1], output, parent);
  }
  close(answer[1]);
  if (child > 0) {
    end.timed_out = !read_answer(answer[0], Clock::now() + time_limit, end.answer);
    if (end.timed_out) {
      kill(child, SIGKILL);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    end.returned = !end.timed_out && end.signal == 0 && end.exit_code == 0 && !end.answer.empty();
    end.output = tail_of(output);
  } else {
    end.exit_code = kNoPlace;
  }
  close(answer[0]);
  close(output);
  return end;
}

}  // namespace daymill
