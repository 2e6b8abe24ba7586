#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace daymill {

// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, in bytes
// (the restricted Damerau-Levenshtein distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate the user most likely meant: the nearest within two edits (one for words shorter
// than five letters; case is ignored), else the only one that begins with `word` or with which
// `word` begins. Empty when none is near enough.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

// `did you mean "table"?`, or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace daymill
