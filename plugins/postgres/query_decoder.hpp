// From the rows that the query gave to the rows that are loaded: they are typed already, but not
// every value of PostgreSQL's types is one of daymill's.
#pragma once

#include <memory>

#include "daymill/plugin.hpp"

namespace daymill::postgres {

/// `typed`, with columns that may be null: keys that are null are rejects, not errors.
[[nodiscard]] Schema raw_schema_of(const Schema& typed);

/// Rejects rows with a key that is null (key.missing), a number that is not finite
/// (value.not_number), a date or time that is infinite or not in the years 1 to 9999
/// (value.not_date, value.not_timestamp). A batch without such rows passes through uncopied.
[[nodiscard]] std::unique_ptr<Lane> make_query_decoder(const Schema& typed);

}  // namespace daymill::postgres
