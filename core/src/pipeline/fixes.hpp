#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"

namespace daymill {

// The edit that writes the one of `names` that differs from the text at `pointer` in case only.
std::optional<TextEdit> fix_of_case(const JsonDocument& document, const std::string& pointer,
                                    const std::vector<std::string>& names);

// `text` with the fixes of all findings that have one; of two that overlap, the first. Every other
// byte stays as it is. `count` becomes the number of fixes made.
std::string apply_fixes(std::string_view text, const Findings& findings, int& count);

}  // namespace daymill
