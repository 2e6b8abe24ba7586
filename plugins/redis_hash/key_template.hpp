// "clicklog_keys:{date:%Y%m%d}": from dates to keys and back;
// "clicklog_keys:{date:%Y%m%d}:{0..31}": of 32 keys a day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/status.hpp"

namespace daymill::redis_hash {

class KeyTemplate {
 public:
  /// INVALID_CONFIG when a placeholder is malformed.
  static Result<KeyTemplate> parse(std::string_view text);
  /// One for each number of the range {FIRST..LAST} in the text, which is at most kMostNumbers
  /// wide; without a range the text alone. INVALID_CONFIG also for a second range.
  static Result<std::vector<KeyTemplate>> parse_all(std::string_view text);
  static constexpr std::int64_t kMostNumbers = 1024;

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The key of a day (days since 1970-01-01).
  [[nodiscard]] std::string expand(std::int32_t day) const;
  /// A pattern for SCAN MATCH that fits the key of every day, and of every number of the range:
  /// those of parse_all() have the same.
  [[nodiscard]] const std::string& glob() const { return glob_; }
  /// The day whose key this is.
  [[nodiscard]] std::optional<std::int32_t> day_of(std::string_view key) const;

 private:
  struct Part {
    char directive = '\0';  // 'Y', 'm', 'd', or NUL: literal
    char literal = '\0';
  };
  [[nodiscard]] std::string make_glob() const;

  std::string text_;
  std::vector<Part> parts_;
  std::string glob_;
};

/// The key of the removal record of `key`, in the same cluster slot: {key}:daymill, or key:daymill
/// when the key has a hash tag. INVALID_CONFIG for keys with any other brace.
Result<std::string> record_key(std::string_view key);

}  // namespace daymill::redis_hash
