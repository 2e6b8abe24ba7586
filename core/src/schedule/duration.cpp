#include "schedule/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace daymill {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::int64_t kLongest = 10'000 * std::int64_t{86'400'000};

Status not_a_duration() {
  return {Code::invalid_config,
          "not a duration; expected a whole number and a unit (ms, s, m, h, d), as in \"15m\""};
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || text.front() == '-')
    return not_a_duration();
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, milliseconds] : kUnits) {
    if (unit != name)
      continue;
    if (number > kLongest / milliseconds)
      return Status(Code::invalid_config, "the duration is too long; expected at most 10000d");
    return std::chrono::milliseconds(number * milliseconds);
  }
  return not_a_duration();
}

std::string duration_text(std::chrono::seconds duration) {
  constexpr std::array<std::pair<char, std::int64_t>, 4> kParts{
      {{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};
  std::int64_t rest = duration.count();
  std::string text;
  int parts = 0;
  for (const auto& [unit, seconds] : kParts) {
    const std::int64_t count = rest / seconds;
    rest %= seconds;
    if (count == 0 && parts == 0)
      continue;
    if (count != 0)
      text += (parts == 0 ? "" : " ") + std::to_string(count) + unit;
    if (++parts == 2)
      break;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace daymill
