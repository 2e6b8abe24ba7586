// Text to values and back, the one canonical form of each: what is not canonical is a reject, never
// a guess.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace daymill {

/// Canonical decimal int64: "0", "-12"; no plus sign, space, leading zero, exponent, "-0". Nothing
/// on overflow.
inline std::optional<std::int64_t> parse_int64(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = negative ? text.substr(1) : text;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9' ||
      (digits.front() == '0' && (digits.size() > 1 || negative))) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  constexpr std::size_t kCannotOverflow = std::numeric_limits<std::int64_t>::digits10;
  if (digits.size() <= kCannotOverflow) {
    for (const char digit : digits) {
      if (digit < '0' || digit > '9') {
        return std::nullopt;
      }
      value = value * 10 + (digit - '0');
    }
    return negative ? -value : value;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// Decimal or exponent notation without plus sign or space; no NaN, no infinity, no hexadecimal.
inline std::optional<double> parse_float64(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

/// Shortest text that reads back as the same double.
inline std::string float64_text(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return error == std::errc() ? std::string(buffer, end) : std::string();
}

inline std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true") {
    return true;
  }
  if (text == "false") {
    return false;
  }
  return std::nullopt;
}

/// Year, month and day of a number of days since 1970-01-01 (proleptic Gregorian; the algorithm is
/// Howard Hinnant's "chrono-compatible low-level date algorithms", civil_from_days).
struct CivilDate {
  int year = 1970;
  unsigned month = 1;
  unsigned day = 1;
};

inline CivilDate civil_date(std::int32_t days) {
  const std::int64_t z = std::int64_t{days} + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned day = doy - (153 * mp + 2) / 5 + 1;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return CivilDate{
      static_cast<int>(static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0)), month,
      day};
}

/// The other way round: days_from_civil of the same source. The date must exist.
inline std::int32_t days_of(CivilDate date) {
  const int y = date.year - (date.month <= 2 ? 1 : 0);
  const int era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy =
      (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<int>(doe) - 719468;
}

/// "2026-11-22" to days since 1970-01-01; nothing when it is not of that form or does not exist.
inline std::optional<std::int32_t> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  auto number = [&](std::size_t from, std::size_t count) -> int {
    int value = 0;
    for (const char c : text.substr(from, count)) {
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 1 || month < 1 || day < 1) {
    return std::nullopt;
  }
  const CivilDate date{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
  if (month > 12 || day > 31) {
    return std::nullopt;
  }
  const std::int32_t days = days_of(date);
  const CivilDate back = civil_date(days);
  if (back.year != year || back.month != date.month || back.day != date.day) {
    return std::nullopt;
  }
  return days;
}

inline std::string date_text(std::int32_t days) {
  const CivilDate date = civil_date(days);
  std::string text = "0000-00-00";
  auto put = [&](std::size_t last, std::size_t count, unsigned value) {
    for (std::size_t i = 0; i < count; ++i, value /= 10) {
      text[last - i] = static_cast<char>('0' + value % 10);
    }
  };
  put(3, 4, static_cast<unsigned>(date.year));
  put(6, 2, date.month);
  put(9, 2, date.day);
  return text;
}

/// "2026-11-22T15:04:05Z" or with up to six decimals of a second, the last of them not 0 (".25"),
/// to microseconds since 1970-01-01T00:00:00Z; nothing when it is not of that form or does not
/// exist.
inline std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // "2026-11-22T15:04:05"
  if (text.size() <= kSeconds || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text.back() != 'Z') {
    return std::nullopt;
  }
  const auto day = parse_date(text.substr(0, 10));
  auto number = [&](std::size_t from) -> int {
    const unsigned tens = static_cast<unsigned char>(text[from]) - unsigned{'0'};
    const unsigned ones = static_cast<unsigned char>(text[from + 1]) - unsigned{'0'};
    return tens > 9 || ones > 9 ? 100 : static_cast<int>(tens * 10 + ones);
  };
  const int hour = number(11);
  const int minute = number(14);
  const int second = number(17);
  if (!day || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  std::int64_t fraction = 0;
  const std::string_view rest = text.substr(kSeconds, text.size() - kSeconds - 1);
  if (!rest.empty()) {
    if (rest[0] != '.' || rest.size() < 2 || rest.size() > 7 || rest.back() == '0') {
      return std::nullopt;
    }
    for (std::size_t i = 1; i <= 6; ++i) {
      const char digit = i < rest.size() ? rest[i] : '0';
      if (digit < '0' || digit > '9') {
        return std::nullopt;
      }
      fraction = fraction * 10 + (digit - '0');
    }
  }
  const std::int64_t seconds =
      std::int64_t{*day} * 86400 + hour * 3600 + minute * std::int64_t{60} + second;
  return seconds * 1000000 + fraction;
}

/// The other way round, for the years 1 to 9999.
inline std::string timestamp_text(std::int64_t microseconds) {
  constexpr std::int64_t kDay = std::int64_t{86400} * 1000000;
  std::int64_t day = microseconds / kDay;
  std::int64_t rest = microseconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  std::string clock = "T00:00:00.000000";
  auto put = [&](std::size_t last, std::size_t count, std::int64_t value) {
    for (std::size_t i = 0; i < count; ++i, value /= 10) {
      clock[last - i] = static_cast<char>('0' + value % 10);
    }
  };
  const std::int64_t second = rest / 1000000;
  put(2, 2, second / 3600);
  put(5, 2, second / 60 % 60);
  put(8, 2, second % 60);
  put(15, 6, rest % 1000000);
  while (clock.back() == '0' && clock.size() > 9) {
    clock.pop_back();
  }
  if (clock.back() == '.') {
    clock.pop_back();
  }
  return date_text(static_cast<std::int32_t>(day)) + clock + "Z";
}

/// Strict UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. NUL is valid here.
inline bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  auto continuation = [](unsigned char c) { return (c & 0xC0u) == 0x80u; };
  while (p < end) {
    const unsigned char c = *p;
    const auto left = end - p;
    if (c < 0x80) {
      ++p;
    } else if (c >= 0xC2 && c <= 0xDF) {
      if (left < 2 || !continuation(p[1])) {
        return false;
      }
      p += 2;
    } else if ((c & 0xF0u) == 0xE0) {
      if (left < 3 || !continuation(p[1]) || !continuation(p[2]) || (c == 0xE0 && p[1] < 0xA0) ||
          (c == 0xED && p[1] > 0x9F)) {
        return false;
      }
      p += 3;
    } else if (c >= 0xF0 && c <= 0xF4) {
      if (left < 4 || !continuation(p[1]) || !continuation(p[2]) || !continuation(p[3]) ||
          (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F)) {
        return false;
      }
      p += 4;
    } else {
      return false;
    }
  }
  return true;
}

/// Untrusted bytes made safe to print: control characters, quotes, backslashes and invalid UTF-8 as
/// \xNN; cut after `limit` bytes.
inline std::string printable(std::string_view bytes, std::size_t limit = 256) {
  constexpr char kHex[] = "0123456789abcdef";
  const bool cut = bytes.size() > limit;
  bytes = bytes.substr(0, limit);
  const bool valid = is_utf8(bytes);
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '\\' || c == '"' || (!valid && byte >= 0x80)) {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      text += c;
    }
  }
  return cut ? text + "..." : text;
}

}  // namespace daymill
