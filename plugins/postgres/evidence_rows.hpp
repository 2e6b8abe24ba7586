// Rows of the schema daymill as loads and receipts; commit_rows writes them.
#pragma once

#include <cstdint>
#include <string>

#include "connection.hpp"
#include "daymill/plugin.hpp"

namespace daymill::postgres {

/// The newest load of a partition, with what only this sink knows of it.
struct CommittedLoad {
  Load load;
  std::int64_t relation = 0;  ///< oid of the partition that was attached; 0: rows were inserted
};

/// Selects the loads that `newest`, a query over daymill.load, gives: partition by partition, one
/// row for each sum, sums in the order of the array $1::text[].
[[nodiscard]] std::string loads_sql(const std::string& newest);

/// From the answer to loads_sql(), beginning at `row`, which is moved behind the load.
[[nodiscard]] CommittedLoad take_load(const Rows& rows, int& row);
/// The partition of the load that begins at `row`.
[[nodiscard]] std::string partition_of_load(const Rows& rows, int row);

/// Of daymill.receipt; what receipt_of() reads.
inline constexpr const char* kReceiptColumns =
    "split, generation, epoch, fingerprint, rows_in, snapshot, removed_at IS NOT NULL,"
    " to_char(removed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/// From `row`, the first of kReceiptColumns being in `column`.
[[nodiscard]] Receipt receipt_of(const Rows& rows, int row, int column);

}  // namespace daymill::postgres
