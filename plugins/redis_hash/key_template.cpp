#include "key_template.hpp"

#include "daymill/partition.hpp"
#include "daymill/value.hpp"

namespace daymill::redis_hash {
namespace {

Result<std::string> expand_day(std::string_view text, std::int32_t day) {
  Partition partition;
  partition.day = day;
  return expand_date(text, partition);
}

std::size_t width_of(char directive) {
  return directive == 'Y' ? 4 : 2;
}

}  // namespace

Result<KeyTemplate> KeyTemplate::parse(std::string_view text) {
  DAYMILL_TRY(expand_day(text, 0));  // so that placeholders are closed and their directives known
  KeyTemplate parsed;
  parsed.text_ = text;
  for (std::size_t i = 0; i < text.size();) {
    const bool plain = text.substr(i, 6) == "{date}";
    if (!plain && text.substr(i, 6) != "{date:") {
      parsed.parts_.push_back({'\0', text[i++]});
      continue;
    }
    const std::size_t close = text.find('}', i);
    const std::string_view format = plain ? "%Y-%m-%d" : text.substr(i + 6, close - i - 6);
    for (std::size_t k = 0; k < format.size(); ++k) {
      if (format[k] != '%') {
        parsed.parts_.push_back({'\0', format[k]});
      } else if (format[++k] == '%') {
        parsed.parts_.push_back({'\0', '%'});
      } else {
        parsed.parts_.push_back({format[k], '\0'});
      }
    }
    i = close + 1;
  }
  return parsed;
}

std::string KeyTemplate::expand(std::int32_t day) const {
  return expand_day(text_, day).value();  // parse() has seen that it expands
}

std::string KeyTemplate::glob() const {
  std::string pattern;
  for (const Part& part : parts_) {
    if (part.directive != '\0') {
      for (std::size_t i = 0; i < width_of(part.directive); ++i) {
        pattern += "[0-9]";
      }
    } else {
      if (std::string_view("*?[]\\^").find(part.literal) != std::string_view::npos) {
        pattern += '\\';
      }
      pattern += part.literal;
    }
  }
  return pattern;
}

std::optional<std::int32_t> KeyTemplate::day_of(std::string_view key) const {
  std::string iso = "0000-00-00";
  std::size_t at = 0;
  for (const Part& part : parts_) {
    const std::size_t width = part.directive == '\0' ? 1 : width_of(part.directive);
    if (at + width > key.size()) {
      return std::nullopt;
    }
    if (part.directive != '\0') {
      const std::size_t place = part.directive == 'Y' ? 0 : part.directive == 'm' ? 5 : 8;
      iso.replace(place, width, key.substr(at, width));
    }
    at += width;
  }
  const std::optional<std::int32_t> day = parse_date(iso);
  return day && expand(*day) == key ? day : std::nullopt;
}

Result<std::string> record_key(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos && key.find('}') == std::string_view::npos) {
    return "{" + std::string(key) + "}:daymill";
  }
  const std::size_t close = open == std::string_view::npos ? open : key.find('}', open);
  if (close == std::string_view::npos || close == open + 1 || key.find('}') < open) {
    return Status(Code::invalid_config, "key \"" + printable(key) +
                                            "\" has a brace, expected none or a Redis hash tag "
                                            "like {tag}, so that its removal record can lie in the "
                                            "same cluster slot");
  }
  return std::string(key) + ":daymill";
}

}  // namespace daymill::redis_hash
