// Typed rows to lines of JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <daymill/batch.hpp>
#include <daymill/schema.hpp>
#include <daymill/status.hpp>

namespace daymill::jsonl {

/// Appends a JSON string of valid UTF-8; control characters, quotes and backslashes are escaped,
/// anything else stands as it is.
void append_json_text(std::string& out, std::string_view text);

/// Appends one object per row and line, its members in the schema's order after `first` (name and
/// value) when there is one. INVALID_DATA when a float64 is not finite.
Status append_json_rows(std::string& out, const Schema& schema, const RecordBatch& batch,
                        const std::optional<std::pair<std::string, std::string>>& first);

}  // namespace daymill::jsonl
