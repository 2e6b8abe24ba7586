#pragma once

#include <cstdint>
#include <string>

/// The search word number `index`: the same text for the same number, always valid UTF-8. The first
/// few dozen are words of many scripts, some with ':', spaces, quotes, emoji and other things that
/// a careless reader breaks on; above that they repeat with their number appended. Never contains a
/// tab or a line break.
std::string search_word(std::uint64_t index);
