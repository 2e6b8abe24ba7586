#pragma once

#include <string>

#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"

namespace daymill {

// Whether the excerpt may show the text that the caret stands under.
enum class Show { text, nothing };

// A finding about `span` of `document`, with its line shown in which every other value is blanked
// (they may be passwords); with Show::nothing the value at `span` is blanked too.
Finding finding_at(const JsonDocument& document, Span span, std::string code, std::string message,
                   Show show = Show::text);

// About the value, or the key, at `pointer`. About the start of the document when there is none.
Finding finding_at_value(const JsonDocument& document, const std::string& pointer, std::string code,
                         std::string message, Show show = Show::text);
Finding finding_at_key(const JsonDocument& document, const std::string& pointer, std::string code,
                       std::string message);

}  // namespace daymill
