// Which columns of a query's result become which declared columns, and how.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"
#include "daymill/schema.hpp"
#include "query_text.hpp"

namespace daymill::postgres {

/// How PostgreSQL sends a value in binary.
enum class Wire { boolean, int2, int4, int8, float4, float8, numeric, text, date, timestamptz };

struct QueryColumns {
  std::vector<Wire> wires;                ///< of the declared columns, in their order
  std::vector<std::string> not_declared;  ///< columns of the query that nobody asked for
};

/// Asks the server what the query gives; nothing is run. INVALID_CONFIG when it is no SELECT, or
/// gives a declared column twice; SCHEMA_MISMATCH names a declared column that it does not give, or
/// gives with a type that does not fit, with found and expected.
[[nodiscard]] Result<QueryColumns> describe_query(Connection& connection, const QueryText& query,
                                                  const Schema& typed);

}  // namespace daymill::postgres
