#include "schedule/cron_syntax.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace daymill {
namespace {

struct CronField {
  const char* name;
  int first;
  int last;
  std::string_view words;  // three letters each, the first stands for `first_word`
  int first_word;
};

constexpr std::array<CronField, 5> kFields{{
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

std::optional<int> field_value(std::string_view text, const CronField& field) {
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

bool is_item(std::string_view item, const CronField& field) {
  const std::vector<std::string_view> stepped = split(item, '/');
  if (stepped.size() > 2)
    return false;
  if (stepped.size() == 2) {
    const std::optional<int> step = whole_number(stepped[1]);
    if (!step || *step < 1 || *step > field.last)
      return false;
  }
  if (stepped[0] == "*")
    return true;
  const std::vector<std::string_view> range = split(stepped[0], '-');
  if (range.size() > 2)
    return false;
  const std::optional<int> first = field_value(range.front(), field);
  const std::optional<int> last = field_value(range.back(), field);
  return first && last && *first <= *last;
}

}  // namespace

Status check_cron(std::string_view text) {
  std::vector<std::string_view> fields;
  for (const std::string_view part : split(text, ' ')) {
    if (!part.empty())
      fields.push_back(part);
  }
  if (fields.size() != kFields.size())
    return Status(Code::invalid_config,
                  "a cron line has five fields, this one has " + std::to_string(fields.size()))
        .next("write minute, hour, day of month, month, day of week, as in \"30 0 * * *\"");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::string_view item : split(fields[i], ',')) {
      if (!is_item(item, kFields[i]))
        return Status(Code::invalid_config,
                      std::string("the field for the ") + kFields[i].name + " is not understood")
            .next("write *, numbers from " + std::to_string(kFields[i].first) + " to " +
                  std::to_string(kFields[i].last) + ", ranges (1-5), lists (1,15) or steps (*/10)");
    }
  }
  return ok_status();
}

}  // namespace daymill
