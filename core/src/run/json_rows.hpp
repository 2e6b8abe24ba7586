// Rows as JSON: fixtures of pipeline tests, previews.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"

namespace daymill {

/// bool, int64 and float64 as such, date and timestamp as text (2026-11-22, 2026-11-22T15:04:05Z),
/// text as text, binary as text with bytes that are not UTF-8 escaped, null as null.
nlohmann::ordered_json json_value(Type type, const Column& column, std::int64_t row);

/// {"column": value, ...} in the order of the schema.
nlohmann::ordered_json json_row(const Schema& schema, const RecordBatch& batch, std::int64_t row);

/// What becomes of columns that a row leaves out and that cannot be null.
enum class Absent { refused, zero };

/// Appends one row: an object by column names, where columns left out are null, or a list of all
/// values in order. INVALID_DATA names the column, found and expected; `out` is of no use then.
Status append_json_row(const Schema& schema, const nlohmann::ordered_json& row, BatchBuilder& out,
                       Absent absent = Absent::refused);

}  // namespace daymill
