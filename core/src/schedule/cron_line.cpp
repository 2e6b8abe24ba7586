#include "schedule/cron_line.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>

namespace daymill {
namespace {

enum { kMinute, kHour, kDayOfMonth, kMonth, kDayOfWeek };

struct FieldSyntax {
  const char* name;
  int first;
  int last;
  std::string_view words;  // three letters each, the first stands for `first_word`
  int first_word;
};

constexpr std::array<FieldSyntax, 5> kFields{{
    {"minute", 0, 59, "", 0},
    {"hour", 0, 23, "", 0},
    {"day of month", 1, 31, "", 0},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1},
    {"day of week", 0, 7, "sunmontuewedthufrisat", 0},
}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos)
      return parts;
    begin = end + 1;
  }
}

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return number;
}

std::optional<int> field_value(std::string_view text, const FieldSyntax& field) {
  if (text.size() == 3 && std::isalpha(static_cast<unsigned char>(text.front())) != 0) {
    std::string word(text);
    for (char& c : word)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (std::size_t at = 0; at + 3 <= field.words.size(); at += 3) {
      if (field.words.substr(at, 3) == word)
        return field.first_word + static_cast<int>(at / 3);
    }
    return std::nullopt;
  }
  const std::optional<int> number = whole_number(text);
  return number && *number >= field.first && *number <= field.last ? number : std::nullopt;
}

// Adds what an item of a list stands for: *, 5, 1-5, */10, 1-15/2. False when it is none.
bool add_item(std::string_view item, const FieldSyntax& field, std::bitset<64>& values) {
  const std::vector<std::string_view> stepped = split(item, '/');
  if (stepped.size() > 2)
    return false;
  const std::optional<int> step = stepped.size() == 2 ? whole_number(stepped[1]) : 1;
  if (!step || *step < 1 || *step > field.last)
    return false;
  std::optional<int> first = field.first;
  std::optional<int> last = field.last;
  if (stepped[0] != "*") {
    const std::vector<std::string_view> range = split(stepped[0], '-');
    if (range.size() > 2 || (range.size() == 1 && stepped.size() == 2))  // "5/10": up to where?
      return false;
    first = field_value(range.front(), field);
    last = field_value(range.back(), field);
  }
  if (!first || !last || *first > *last)
    return false;
  for (int value = *first; value <= *last; value += *step)
    values.set(static_cast<std::size_t>(value));
  return true;
}

// Without its text, which may have come from a variable.
Status not_understood(const FieldSyntax& field) {
  const std::string_view words = field.words;
  const std::string names = words.empty()
                                ? ""
                                : " or names (" + std::string(words.substr(0, 3)) + " to " +
                                      std::string(words.substr(words.size() - 3)) + ")";
  return Status(Code::invalid_config,
                std::string("the field for the ") + field.name + " is not understood")
      .next("write *, numbers from " + std::to_string(field.first) + " to " +
            std::to_string(field.last) + names + ", ranges (1-5), lists (1,15) or steps (*/10)");
}

std::chrono::year_month_day calendar(CivilDay day) {
  return std::chrono::sys_days(std::chrono::days(day.days()));
}

}  // namespace

Result<CronLine> CronLine::parse(std::string_view text) {
  std::vector<std::string_view> texts;
  for (const std::string_view part : split(text, ' ')) {
    if (!part.empty())
      texts.push_back(part);
  }
  if (texts.size() != kFields.size())
    return Status(Code::invalid_config,
                  "a cron line has five fields, this one has " + std::to_string(texts.size()))
        .next("write minute, hour, day of month, month, day of week, as in \"30 0 * * *\"");
  CronLine line;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    line.fields_[i].is_open = texts[i].front() == '*';
    for (const std::string_view item : split(texts[i], ',')) {
      if (!add_item(item, kFields[i], line.fields_[i].values))
        return not_understood(kFields[i]);
    }
  }
  std::bitset<64>& days_of_week = line.fields_[kDayOfWeek].values;
  days_of_week[0] = days_of_week[0] || days_of_week[7];  // both are Sunday
  if (!line.ever_has_a_day())
    return Status(Code::invalid_config, "no month of these has such a day: it would never come")
        .next("as in \"30 0 1 * *\" for the first of every month");
  return line;
}

bool CronLine::has_day(CivilDay day) const {
  const std::chrono::year_month_day date = calendar(day);
  const std::chrono::weekday weekday{std::chrono::sys_days(date)};
  const bool of_month = fields_[kDayOfMonth].values[static_cast<unsigned>(date.day())];
  const bool of_week = fields_[kDayOfWeek].values[weekday.c_encoding()];
  const bool either = !fields_[kDayOfMonth].is_open && !fields_[kDayOfWeek].is_open;
  return fields_[kMonth].values[static_cast<unsigned>(date.month())] &&
         (either ? of_month || of_week : of_month && of_week);
}

bool CronLine::ever_has_a_day() const {
  constexpr std::int32_t kTwentyEightYears = 28 * 365 + 7;  // then every date had every weekday
  const CivilDay first = CivilDay::from_days(0);
  for (CivilDay day = first; day < first.plus(kTwentyEightYears); day = day.next()) {
    if (has_day(day))
      return true;
  }
  return false;
}

// In order.
std::vector<Instant> CronLine::moments_of(CivilDay day, const TimeZone& zone) const {
  std::vector<Instant> moments;
  if (!has_day(day))
    return moments;
  for (std::size_t minutes = 0; minutes < 24 * 60; ++minutes) {
    if (!fields_[kHour].values[minutes / 60] || !fields_[kMinute].values[minutes % 60])
      continue;
    const auto [first, second] = zone.moments_of(day, std::chrono::minutes(minutes));
    moments.push_back(first);
    if (fields_[kHour].is_open)
      moments.push_back(second);
  }
  std::sort(moments.begin(), moments.end());
  return moments;
}

// What the clocks show may belong to a day before or after the moment's own where they were changed
// around midnight: so a day more is looked at in both.

Instant CronLine::next(Instant moment, const TimeZone& zone) const {
  std::optional<Instant> next;
  for (CivilDay day = zone.day_at(moment).previous();; day = day.next()) {
    const bool was_found = next.has_value();
    const std::vector<Instant> moments = moments_of(day, zone);
    const auto after = std::upper_bound(moments.begin(), moments.end(), moment);
    if (after != moments.end())
      next = std::min(next.value_or(*after), *after);
    if (was_found)
      return *next;
  }
}

Instant CronLine::last(Instant moment, const TimeZone& zone) const {
  std::optional<Instant> last;
  for (CivilDay day = zone.day_at(moment).next();; day = day.previous()) {
    const bool was_found = last.has_value();
    const std::vector<Instant> moments = moments_of(day, zone);
    const auto after = std::upper_bound(moments.begin(), moments.end(), moment);
    if (after != moments.begin())
      last = std::max(last.value_or(after[-1]), after[-1]);
    if (was_found)
      return *last;
  }
}

}  // namespace daymill
