// Typed rows to CSV text, and the settings that source and sink share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <daymill/plugin.hpp>

namespace daymill::csv {

/// The setting's one character: printable ASCII or a tab. INVALID_CONFIG otherwise.
Result<char> single_character(const Config& config, const char* setting);

/// Appends a field: in quotes when it holds the delimiter, a quote, a line end or a space at its
/// edge, and when it is empty (nothing at all between two delimiters is null).
void append_csv_field(std::string& out, std::string_view value, char delimiter);

/// Appends the header line of rows of this schema, after `first` (name and value of a column) when
/// there is one.
void append_csv_header(std::string& out, const Schema& schema,
                       const std::optional<std::pair<std::string, std::string>>& first,
                       char delimiter);

/// Appends all rows, each after `first` when there is one. INVALID_DATA when a float64 is not
/// finite.
Status append_csv_rows(std::string& out, const Schema& schema, const RecordBatch& batch,
                       const std::optional<std::pair<std::string, std::string>>& first,
                       char delimiter);

}  // namespace daymill::csv
