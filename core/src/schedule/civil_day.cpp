#include "schedule/civil_day.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "daymill/value.hpp"

namespace daymill {
namespace {

constexpr std::array<const char*, 12> kMonths{"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};

bool has_date_shape(std::string_view text) {
  if (text.size() != 10)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9'))
      return false;
  }
  return true;
}

// What people type by accident, cut and free of control characters.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 40));
  std::replace_if(
      result.begin(), result.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return result;
}

std::string why_missing(std::string_view text) {
  const int year = std::stoi(std::string(text.substr(0, 4)));
  const unsigned month = static_cast<unsigned>(std::stoi(std::string(text.substr(5, 2))));
  if (year == 0)
    return "years run from 0001 to 9999";
  if (month < 1 || month > 12)
    return "months run from 01 to 12";
  if (text.substr(8, 2) == "00")
    return "days run from 01";
  const std::chrono::year_month_day_last last{
      std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(month))};
  return std::string(kMonths[month - 1]) + " " + std::to_string(year) + " has " +
         std::to_string(static_cast<unsigned>(last.day())) + " days";
}

}  // namespace

Result<CivilDay> CivilDay::parse(std::string_view text) {
  if (!has_date_shape(text))
    return Status(Code::invalid_argument,
                  "\"" + shown(text) + "\" is not a date; expected YYYY-MM-DD, as in 2026-11-22");
  const std::optional<std::int32_t> days = parse_date(text);
  if (!days)
    return Status(Code::invalid_argument,
                  std::string(text) + " does not exist: " + why_missing(text));
  return CivilDay(*days);
}

std::string CivilDay::iso() const {
  return date_text(days_);
}

Result<std::string> CivilDay::format(std::string_view pattern) const {
  const std::string date = iso();
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      text += pattern[i];
      continue;
    }
    const char directive = i + 1 < pattern.size() ? pattern[++i] : '\0';
    if (directive == 'Y')
      text += date.substr(0, 4);
    else if (directive == 'm')
      text += date.substr(5, 2);
    else if (directive == 'd')
      text += date.substr(8, 2);
    else if (directive == '%')
      text += '%';
    else
      return Status(Code::invalid_argument, "unknown directive in the date format \"" +
                                                shown(pattern) + "\"; expected %Y, %m, %d or %%");
  }
  return text;
}

}  // namespace daymill
