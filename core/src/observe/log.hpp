// The program's log: lines on stderr, for people or as JSON, from which known secrets are removed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/status.hpp"

namespace spdlog {
class logger;
}

namespace daymill {

enum class LogLevel { debug = 1, info, warning, error };
enum class LogFormat { text = 1, json };

/// Any thread.
class Log {
 public:
  Log(LogLevel lowest, LogFormat format);
  ~Log();

  /// From now on these values never leave the process through this log or redact(). Call before the
  /// first use of a secret.
  void hide(const std::vector<std::string>& secrets);
  /// `text` with every hidden value replaced by "***".
  [[nodiscard]] std::string redact(std::string_view text) const;
  [[nodiscard]] Status redact(const Status& status) const;

  /// `origin`: "engine", or the plugin's id. Untrusted bytes in `message` are escaped.
  void write(LogLevel level, std::string_view origin, std::string_view message);

 private:
  LogFormat format_;
  std::vector<std::string> secrets_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace daymill
