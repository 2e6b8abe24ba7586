#include "evidence_rows.hpp"

namespace daymill::postgres {
namespace {

constexpr int kPartition = 10;
constexpr int kMeasure = 11;
constexpr int kSum = 12;

}  // namespace

std::string loads_sql(const std::string& newest) {
  return "SELECT l.epoch, l.pipeline, l.run_id, l.rows_out, l.rejected, l.filtered,"
         " l.config_digest, l.plugins, l.relation,"
         " to_char(l.committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
         " l.partition, s.key, s.value FROM (" +
         newest +
         ") AS l LEFT JOIN LATERAL jsonb_each_text(l.sums) AS s ON true"
         " ORDER BY l.partition, array_position($1::text[], s.key), s.key";
}

std::string partition_of_load(const Rows& rows, int row) {
  return rows.text(row, kPartition);
}

CommittedLoad take_load(const Rows& rows, int& row) {
  CommittedLoad committed;
  Load& load = committed.load;
  load.epoch = rows.integer(row, 0);
  load.pipeline = rows.text(row, 1);
  load.run_id = rows.text(row, 2);
  load.rows_out = rows.integer(row, 3);
  load.rejected = rows.integer(row, 4);
  load.filtered = rows.integer(row, 5);
  load.config_digest = rows.text(row, 6);
  load.plugins = rows.text(row, 7);
  committed.relation = rows.integer(row, 8);
  load.committed_at = rows.text(row, 9);
  const std::string partition = partition_of_load(rows, row);
  for (; row < rows.size() && partition_of_load(rows, row) == partition; ++row) {
    if (!rows.is_null(row, kMeasure)) {
      load.sums.push_back(Sum{rows.text(row, kMeasure), rows.integer(row, kSum)});
    }
  }
  return committed;
}

Receipt receipt_of(const Rows& rows, int row, int column) {
  Receipt receipt;
  receipt.split = rows.text(row, column);
  receipt.generation = rows.integer(row, column + 1);
  receipt.epoch = rows.integer(row, column + 2);
  receipt.fingerprint = rows.text(row, column + 3);
  receipt.rows_in = rows.integer(row, column + 4);
  receipt.snapshot = rows.text(row, column + 5);
  receipt.removed = rows.boolean(row, column + 6);
  receipt.removed_at = rows.text(row, column + 7);
  return receipt;
}

}  // namespace daymill::postgres
