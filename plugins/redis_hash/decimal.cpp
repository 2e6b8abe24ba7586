#include "decimal.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace daymill::redis_hash {
namespace {

/// The digits that the eight characters begin with, and their number.
struct Digits {
  std::size_t count = 0;
  std::int64_t number = 0;
};

/// Without a look at each, and without a guess how many there are. The number is that of
/// simdjson's and fast_float's parse_eight_digits_unrolled(): pairs of digits, then of pairs.
Digits leading_digits(const char* eight, std::size_t at_most) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t digits = 0;
  std::memcpy(&digits, eight, sizeof digits);
  digits ^= 0x3030303030303030;  // a digit becomes 0 to 9
  const std::uint64_t others =
      ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;  // right up to the first
  const auto count = std::min(static_cast<std::size_t>(std::countr_zero(others)) / 8, at_most);
  if (count == 0) {
    return {};
  }
  digits <<= 64 - 8 * count;  // zeros before them
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t kPairs = 0x000000ff000000ff;
  const std::uint64_t number =
      ((digits & kPairs) * 0x000f424000000064 + ((digits >> 16) & kPairs) * 0x0000271000000001) >>
      32;
  return {count, static_cast<std::int64_t>(number)};
}

}  // namespace

std::size_t leading_number(std::string_view text, const char* readable_end, std::int64_t& number) {
  constexpr std::size_t kMostDigits = std::numeric_limits<std::int64_t>::digits10;
  constexpr std::size_t kAtOnce = 8;
  Digits digits;
  if (!text.empty() && static_cast<std::size_t>(readable_end - text.data()) >= kAtOnce) {
    digits = leading_digits(text.data(), std::min(text.size(), kAtOnce));
  }
  std::size_t at = digits.count;
  std::int64_t value = digits.number;
  if (at == 0 || at == kAtOnce) {
    for (; at < text.size() && at < kMostDigits && text[at] >= '0' && text[at] <= '9'; ++at) {
      value = value * 10 + (text[at] - '0');
    }
  }
  number = value;
  const bool canonical = at == 1 || (at != 0 && text[0] != '0');
  return canonical && (at < kMostDigits || at == text.size()) ? at : 0;
}

bool take_number(std::string_view& rest, std::string_view separator, const char* readable_end,
                 std::int64_t& number) {
  const std::size_t digits = leading_number(rest, readable_end, number);
  if (digits == 0 || separator.size() != 1 || digits == rest.size() ||
      rest[digits] != separator[0]) {
    return false;
  }
  rest.remove_prefix(digits + 1);
  return true;
}

}  // namespace daymill::redis_hash
