// Failpoints: named places at which a test build can be killed, made to fail or slowed down.
//
//   DAYMILL_FAILPOINT("pg.claim_sent");                     // may return an injected Status
//   DAYMILL_FAILPOINT_CODE("pg.commit_reply", lost);        // the same with another Code
//   DAYMILL_FAILPOINT_HERE("snapshot.discard");             // nothing to return: kill and delay
//   only
//
// They expand to nothing unless DAYMILL_FAILPOINTS is defined (CMake option of the same name, on in
// the presets dev and tsan, never defined by the exported targets). Then two environment variables,
// read at the first hit, drive them:
//
//   DAYMILL_FAILPOINT      "name=kill|stop|error|delay:MS[@N]", several separated by commas; the
//   action
//                          is taken at the N-th hit of the name (default: the first), once
//   DAYMILL_FAILPOINT_LOG  file to which each name is appended when this process first hits it
//
// kill is SIGKILL: no destructor runs and nothing is flushed. stop is SIGSTOP: until SIGCONT. Safe
// to hit from several threads. Hits are counted per loaded object, so a name belongs to one source
// file: tests/crash/failpoints.txt lists all of them, and the test failpoint_check keeps that list
// true.
#pragma once

#include "daymill/status.hpp"

#ifdef DAYMILL_FAILPOINTS

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace daymill::detail {

class Failpoints {
 public:
  enum class Act { none, kill, stop, error, delay };
  struct Step {
    Act act = Act::none;
    int at_hit = 1;
    std::chrono::milliseconds delay{0};
  };

  static Failpoints& instance() {
    static Failpoints failpoints;
    return failpoints;
  }

  /// Kills or delays here; true when an error is to be injected.
  bool hit(const char* name) {
    if (!active_) {
      return false;
    }
    const Step step = count(name);
    if (step.act == Act::kill) {
      static_cast<void>(std::raise(SIGKILL));
    } else if (step.act == Act::stop) {
      static_cast<void>(std::raise(SIGSTOP));
    } else if (step.act == Act::delay) {
      std::this_thread::sleep_for(step.delay);
    }
    return step.act == Act::error;
  }

 private:
  Failpoints() {
    if (const char* steps = std::getenv("DAYMILL_FAILPOINT")) {
      parse(steps);
    }
    if (const char* log = std::getenv("DAYMILL_FAILPOINT_LOG")) {
      log_ = log;
    }
    active_ = !steps_.empty() || !log_.empty();
  }

  void parse(std::string text) {
    for (text += ','; !text.empty(); text.erase(0, text.find(',') + 1)) {
      const std::string entry = text.substr(0, text.find(','));
      const std::size_t equals = entry.find('=');
      if (equals == std::string::npos) {
        continue;
      }
      const std::string action = entry.substr(equals + 1);
      const std::size_t at = action.find('@');
      Step step;
      step.act = action.compare(0, 4, "kill") == 0    ? Act::kill
                 : action.compare(0, 4, "stop") == 0  ? Act::stop
                 : action.compare(0, 5, "error") == 0 ? Act::error
                                                      : Act::delay;
      if (action.compare(0, 6, "delay:") == 0) {
        step.delay = std::chrono::milliseconds(std::atoi(action.c_str() + 6));
      }
      if (at != std::string::npos) {
        step.at_hit = std::atoi(action.c_str() + at + 1);
      }
      steps_.emplace(entry.substr(0, equals), step);
    }
  }

  Step count(const char* name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int hits = ++hits_[name];
    if (hits == 1 && !log_.empty()) {
      std::ofstream(log_, std::ios::app) << std::string(name) + "\n" << std::flush;
    }
    const auto range = steps_.equal_range(name);
    for (auto step = range.first; step != range.second; ++step) {
      if (step->second.at_hit == hits) {
        return step->second;
      }
    }
    return Step{};
  }

  std::multimap<std::string, Step> steps_;
  std::string log_;
  bool active_ = false;
  std::mutex mutex_;
  std::map<std::string, int> hits_;
};

}  // namespace daymill::detail

#define DAYMILL_FAILPOINT_CODE(name, code)                             \
  do {                                                                 \
    if (::daymill::detail::Failpoints::instance().hit(name)) {         \
      return ::daymill::Status((code), "injected at failpoint " name); \
    }                                                                  \
  } while (false)
#define DAYMILL_FAILPOINT_HERE(name) \
  static_cast<void>(::daymill::detail::Failpoints::instance().hit(name))

#else

#define DAYMILL_FAILPOINT_CODE(name, code) static_cast<void>(0)
#define DAYMILL_FAILPOINT_HERE(name) static_cast<void>(0)

#endif

/// May return Code::unavailable, which the engine retries, from a function of Status or Result.
#define DAYMILL_FAILPOINT(name) DAYMILL_FAILPOINT_CODE(name, ::daymill::Code::unavailable)
