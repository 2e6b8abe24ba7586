#include "observe/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daymill/value.hpp"
#include "observe/time_text.hpp"

namespace daymill {

namespace {

constexpr std::size_t kLongestLine = 4096;
// Hiding "x" wherever it stands would make every message unreadable and protect nothing.
constexpr std::size_t kShortestSecret = 4;

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "";
}

/// On one line, and nothing that a terminal obeys. Quotes and backslashes stay: what is quoted in a
/// message was made safe for it there.
std::string safe_line(std::string_view text) {
  const bool cut = text.size() > kLongestLine;
  text = text.substr(0, kLongestLine);
  std::string line;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find_first_of("\"\\");
    line += printable(text.substr(0, end), kLongestLine);
    if (end != std::string_view::npos) {
      line += text[end];
      text.remove_prefix(end + 1);
    }
  }
  return cut ? line + "..." : line;
}

}  // namespace

Log::Log(LogLevel lowest, LogFormat format)
    : format_(format),
      logger_(std::make_shared<spdlog::logger>("daymill",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_level(spdlog_level(lowest));
  logger_->set_pattern("%v");
}

Log::~Log() = default;

void Log::hide(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() >= kShortestSecret &&
        std::find(secrets_.begin(), secrets_.end(), secret) == secrets_.end()) {
      secrets_.push_back(secret);
    }
  }
  // Longer ones first, so that one that contains another does not leave its rest behind.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Log::redact(std::string_view text) const {
  std::string redacted(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = redacted.find(secret); at != std::string::npos;
         at = redacted.find(secret, at + 3)) {
      redacted.replace(at, secret.size(), "***");
    }
  }
  return redacted;
}

Status Log::redact(const Status& status) const {
  return status.ok() ? status
                     : Status(status.code(), redact(status.message()))
                           .at(redact(status.where()))
                           .next(redact(status.next()));
}

void Log::write(LogLevel level, std::string_view origin, std::string_view message) {
  if (!logger_->should_log(spdlog_level(level))) {
    return;
  }
  const std::string safe = redact(message);
  std::string line;
  if (format_ == LogFormat::json) {
    const nlohmann::ordered_json entry = {{"time", rfc3339_now()},
                                          {"level", level_name(level)},
                                          {"origin", std::string(origin)},
                                          {"message", safe}};
    line = entry.dump(-1, ' ', /*ensure_ascii=*/false,
                      nlohmann::ordered_json::error_handler_t::replace);
  } else {
    line = std::string(level_name(level)) + ": " +
           (origin == "engine" ? "" : std::string(origin) + ": ") + safe_line(safe);
  }
  logger_->log(spdlog_level(level), line);
}

}  // namespace daymill
