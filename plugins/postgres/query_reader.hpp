// Reads the result of the query, or one part of it, through a cursor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "query_columns.hpp"
#include "reading_session.hpp"

namespace daymill::postgres {

/// `select` gives the columns that `wires` names. The reader ends the session with the last row:
/// the engine may keep the reader for long.
[[nodiscard]] Result<std::unique_ptr<Reader>> open_query(ReadingSession session,
                                                         const std::string& select,
                                                         const Params& params,
                                                         std::vector<Wire> wires);

}  // namespace daymill::postgres
