#include "commit_rows.hpp"

#include "daymill/failpoint.hpp"

namespace daymill::postgres {
namespace {

Status write_rejects(Connection& connection, const Commit& commit) {
  DAYMILL_FAILPOINT("pg.reject_delete");
  const Binding& binding = commit.binding;
  const std::string& partition = commit.attempt.partition.label;
  DAYMILL_TRY(connection.exec("DELETE FROM daymill.reject WHERE pipeline = $1 AND partition = $2",
                              {binding.pipeline, partition}));
  if (commit.rejects.empty()) {
    return {};
  }
  DAYMILL_FAILPOINT("pg.reject_insert");
  std::vector<std::string> splits, generations, raws, reasons, messages;
  for (const RejectRow& row : commit.rejects) {
    splits.push_back(storable(row.split));
    generations.push_back(std::to_string(row.generation));
    raws.push_back(bytea_text(row.raw));
    reasons.push_back(storable(row.reason));
    messages.push_back(storable(row.message));
  }
  return connection
      .exec(
          "INSERT INTO daymill.reject"
          " (pipeline, partition, split, generation, epoch, raw, reason, message)"
          " SELECT $1, $2, r.split, r.generation, $3::bigint, r.raw, r.reason, r.message"
          " FROM unnest($4::text[], $5::bigint[], $6::bytea[], $7::text[], $8::text[])"
          " AS r(split, generation, raw, reason, message)",
          {binding.pipeline, partition, commit.attempt.epoch, array_param(splits),
           array_param(generations), array_param(raws), array_param(reasons),
           array_param(messages)})
      .status();
}

Status write_load(Connection& connection, const Commit& commit, std::int64_t relation) {
  DAYMILL_FAILPOINT("pg.load_insert");
  const Load& load = commit.load;
  std::vector<std::string> measures, sums;
  for (const Sum& sum : load.sums) {
    measures.push_back(sum.measure);
    sums.push_back(std::to_string(sum.value));
  }
  const Param plugins = load.plugins.empty() ? Param(std::nullopt) : Param(load.plugins);
  return connection
      .exec(
          "INSERT INTO daymill.load (target, partition, epoch, pipeline, run_id, rows_out,"
          " rejected, filtered, config_digest, plugins, relation, sums)"
          " SELECT $1, $2, $3::bigint, $4, $5, $6::bigint, $7::bigint, $8::bigint, $9,"
          " $10::jsonb, nullif($11::bigint, 0)::oid,"
          " coalesce(jsonb_object_agg(s.measure, s.total), '{}')"
          " FROM unnest($12::text[], $13::bigint[]) AS s(measure, total)",
          {commit.binding.table.target(), commit.attempt.partition.label, commit.attempt.epoch,
           commit.binding.pipeline, commit.attempt.run_id, load.rows_out, load.rejected,
           load.filtered, load.config_digest, plugins, relation, array_param(measures),
           array_param(sums)})
      .status();
}

// A generation that is replaced by other content is in the source again, so not removed.
Status write_receipts(Connection& connection, const Commit& commit) {
  DAYMILL_FAILPOINT("pg.receipt_insert");
  std::vector<std::string> splits, generations, fingerprints, rows_in, snapshots, removed;
  for (const Receipt& receipt : commit.receipts) {
    splits.push_back(receipt.split);
    generations.push_back(std::to_string(receipt.generation));
    fingerprints.push_back(receipt.fingerprint);
    rows_in.push_back(std::to_string(receipt.rows_in));
    snapshots.push_back(receipt.snapshot);
    removed.emplace_back(receipt.removed ? "t" : "f");
  }
  return connection
      .exec(
          "INSERT INTO daymill.receipt AS old"
          " (pipeline, partition, split, generation, epoch, fingerprint, rows_in, snapshot,"
          " removed_at)"
          " SELECT $1, $2, r.split, r.generation, $3::bigint, r.fingerprint, r.rows_in,"
          " r.snapshot, CASE WHEN r.removed THEN now() END"
          " FROM unnest($4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::text[],"
          " $9::boolean[]) AS r(split, generation, fingerprint, rows_in, snapshot, removed)"
          " ON CONFLICT (pipeline, partition, split, generation) DO UPDATE"
          " SET epoch = excluded.epoch, fingerprint = excluded.fingerprint,"
          " rows_in = excluded.rows_in, snapshot = excluded.snapshot,"
          " removed_at = CASE WHEN old.fingerprint = excluded.fingerprint"
          " THEN coalesce(old.removed_at, excluded.removed_at) ELSE excluded.removed_at END",
          {commit.binding.pipeline, commit.attempt.partition.label, commit.attempt.epoch,
           array_param(splits), array_param(generations), array_param(fingerprints),
           array_param(rows_in), array_param(snapshots), array_param(removed)})
      .status();
}

}  // namespace

Status write_evidence(Connection& connection, const Commit& commit, std::int64_t relation) {
  DAYMILL_TRY(write_rejects(connection, commit));
  DAYMILL_TRY(write_load(connection, commit, relation));
  return write_receipts(connection, commit);
}

}  // namespace daymill::postgres
