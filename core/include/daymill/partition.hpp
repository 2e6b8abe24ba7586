// Partition: one civil day of a pipeline, and the templates in which its date is written into keys
// and paths.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daymill/status.hpp"
#include "daymill/value.hpp"

namespace daymill {

/// One civil day in the pipeline's time zone. `day` is the civil date itself; start and end are the
/// instants between which it lies.
struct Partition {
  std::string label;          ///< "2026-11-22"
  std::int32_t day = 0;       ///< days since 1970-01-01
  std::int64_t start_us = 0;  ///< microseconds since 1970-01-01T00:00:00Z, inclusive
  std::int64_t end_us = 0;    ///< exclusive
};

/// Replaces {date:FORMAT} in `text` by the partition's date; FORMAT may hold %Y, %m, %d and %% and
/// anything else literally, and plain {date} means %Y-%m-%d. Other braces stay as they are.
/// INVALID_CONFIG when a placeholder is not closed or has an unknown directive.
inline Result<std::string> expand_date(std::string_view text, const Partition& partition) {
  const std::string iso = date_text(partition.day);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 5) != "{date" || i + 5 >= text.size() ||
        (text[i + 5] != '}' && text[i + 5] != ':')) {
      out += text[i++];
      continue;
    }
    const std::size_t close = text.find('}', i);
    if (close == std::string_view::npos) {
      return Status(Code::invalid_config,
                    "{date is not closed in \"" + std::string(text) + "\", expected {date:%Y%m%d}");
    }
    const std::string_view format =
        text[i + 5] == '}' ? "%Y-%m-%d" : text.substr(i + 6, close - i - 6);
    for (std::size_t k = 0; k < format.size(); ++k) {
      if (format[k] != '%') {
        out += format[k];
        continue;
      }
      const char directive = k + 1 < format.size() ? format[++k] : '\0';
      switch (directive) {
        case 'Y':
          out += iso.substr(0, 4);
          break;
        case 'm':
          out += iso.substr(5, 2);
          break;
        case 'd':
          out += iso.substr(8, 2);
          break;
        case '%':
          out += '%';
          break;
        default:
          return Status(Code::invalid_config, "unknown directive in {date:" + std::string(format) +
                                                  "}, expected %Y, %m, %d or %%");
      }
    }
    i = close + 1;
  }
  return out;
}

}  // namespace daymill
