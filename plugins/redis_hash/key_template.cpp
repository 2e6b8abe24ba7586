#include "key_template.hpp"

#include <regex>

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

/// "{0..31}" in a text: from where to where, and the numbers.
struct NumberRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

std::optional<NumberRange> find_range(std::string_view text, std::size_t from) {
  for (std::size_t open = text.find('{', from); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    const std::size_t dots = text.find("..", open);
    if (close == std::string_view::npos || dots == std::string_view::npos || dots > close) {
      continue;
    }
    const auto first = parse_int64(text.substr(open + 1, dots - open - 1));
    const auto last = parse_int64(text.substr(dots + 2, close - dots - 2));
    if (first && last && *first >= 0 && *last >= 0) {
      return NumberRange{open, close + 1, *first, *last};
    }
  }
  return std::nullopt;
}

/// "{0-31}" would be a Redis hash tag, which nobody means; "{0..31" is not closed.
Status check_no_range_meant(std::string_view text) {
  static const std::regex other_range(
      R"(\{ *(\d+) *(?:(?:-|:|,|\.|\.\.\.) *(\d+) *\}|\.\. *(\d+)))");
  std::cmatch found;
  if (!std::regex_search(text.data(), text.data() + text.size(), found, other_range)) {
    return {};
  }
  return Status(Code::invalid_config, "key \"" + printable(text) + "\": found " + found.str() +
                                          ", expected a range as {" + found.str(1) + ".." +
                                          found.str(2) + found.str(3) + "}");
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
  parsed.glob_ = parsed.make_glob();
  return parsed;
}

Result<std::vector<KeyTemplate>> KeyTemplate::parse_all(std::string_view text) {
  const std::optional<NumberRange> range = find_range(text, 0);
  if (!range) {
    DAYMILL_TRY(check_no_range_meant(text));
    DAYMILL_ASSIGN(KeyTemplate only, parse(text));
    return std::vector<KeyTemplate>{std::move(only)};
  }
  if (range->last < range->first || range->last - range->first >= kMostNumbers ||
      find_range(text, range->end)) {
    return Status(Code::invalid_config, "key \"" + printable(text) +
                                            "\": expected one range of at most " +
                                            std::to_string(kMostNumbers) +
                                            " numbers, the smaller first, such as {0..31}");
  }
  const std::string before(text.substr(0, range->begin));
  const std::string after(text.substr(range->end));
  DAYMILL_ASSIGN(const KeyTemplate head, parse(before));
  DAYMILL_ASSIGN(const KeyTemplate tail, parse(after));
  std::vector<KeyTemplate> templates;
  for (std::int64_t number = range->first; number <= range->last; ++number) {
    DAYMILL_ASSIGN(KeyTemplate one, parse(before + std::to_string(number) + after));
    one.glob_ = head.glob_ + "*" + tail.glob_;
    templates.push_back(std::move(one));
  }
  return templates;
}

std::string KeyTemplate::expand(std::int32_t day) const {
  return expand_day(text_, day).value();  // parse() has seen that it expands
}

std::string KeyTemplate::make_glob() const {
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
