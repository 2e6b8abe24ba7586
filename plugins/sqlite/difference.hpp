// What a commit would change: the staged rows against the day in the target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "connection.hpp"
#include "target.hpp"

namespace daymill::sqlite {

/// Changes nothing. Rows are paired by the key; when the table does not keep the key unique, whole
/// rows are compared and none is "changed". Examples are in the order of kind, then key: the first
/// `max_examples` rows that differ. Columns that the rows do not have are not looked at. `stages`
/// as for Target::insert_day.
Result<Difference> compare_day(Connection& connection, const Target& target, const std::string& day,
                               const std::vector<std::string>& stages, std::int64_t max_examples);

}  // namespace daymill::sqlite
