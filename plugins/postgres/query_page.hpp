// Values in PostgreSQL's binary form into typed columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
#include "query_columns.hpp"

namespace daymill::postgres {

/// A numeric's nearest double. NaN for what no finite double is near to: NaN, infinities, and what
/// is beyond the range. Nothing when the bytes are no numeric. `scratch` is overwritten.
[[nodiscard]] std::optional<double> numeric_value(std::string_view bytes, std::string& scratch);

/// Appends the rows of `page`, whose columns are those of `wires`. What has no daymill value of its
/// own is kept so that the decoder can tell: a date or time that is infinite or far away saturates.
/// INTERNAL when a value has not the size of its type.
Status append_page(const Rows& page, const std::vector<Wire>& wires, BatchBuilder& out,
                   std::size_t& bytes);

}  // namespace daymill::postgres
