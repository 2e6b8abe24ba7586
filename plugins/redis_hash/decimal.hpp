// Numbers in decimal, as fields and counts begin with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace daymill::redis_hash {

/// Of a number of at least 0 in canonical decimal that the text begins with: how many digits it
/// has. 0: there is none, or a longer one, or another. Bytes behind the text and before
/// `readable_end` may be looked at: eight at once are read faster.
std::size_t leading_number(std::string_view text, const char* readable_end, std::int64_t& number);

/// Takes such a number and the separator behind it off the front, in one go. False: look again.
bool take_number(std::string_view& rest, std::string_view separator, const char* readable_end,
                 std::int64_t& number);

}  // namespace daymill::redis_hash
