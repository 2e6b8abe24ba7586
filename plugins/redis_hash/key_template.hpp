// "clicklog_keys:{date:%Y%m%d}": from dates to keys and back.
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

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The key of a day (days since 1970-01-01).
  [[nodiscard]] std::string expand(std::int32_t day) const;
  /// A pattern for SCAN MATCH that fits the key of every day.
  [[nodiscard]] std::string glob() const;
  /// The day whose key this is.
  [[nodiscard]] std::optional<std::int32_t> day_of(std::string_view key) const;

 private:
  struct Part {
    char directive = '\0';  // 'Y', 'm', 'd', or NUL: literal
    char literal = '\0';
  };
  std::string text_;
  std::vector<Part> parts_;
};

/// The key of the removal record of `key`, in the same cluster slot: {key}:daymill, or key:daymill
/// when the key has a hash tag. INVALID_CONFIG for keys with any other brace.
Result<std::string> record_key(std::string_view key);

}  // namespace daymill::redis_hash
