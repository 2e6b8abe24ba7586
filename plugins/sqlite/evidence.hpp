// The tables that prove what was loaded: daymill_load, daymill_receipt, daymill_fence and
// daymill_reject, in the same file as the data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "connection.hpp"

namespace daymill::sqlite {

/// One pipeline's evidence about one partition of one table.
struct EvidenceKey {
  std::string target;
  std::string pipeline;
  std::string partition;
};

/// SQL for the current moment, RFC 3339.
inline constexpr const char* kNow = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";

struct Fence {
  std::string pipeline;
  std::int64_t epoch = 0;  ///< 0: nobody has claimed the partition
};

Status create_evidence_tables(Connection& connection);
Result<bool> evidence_tables_exist(Connection& connection);

Result<Fence> read_fence(Connection& connection, const EvidenceKey& key);
/// The next epoch; the caller holds the write lock.
Result<std::int64_t> raise_fence(Connection& connection, const EvidenceKey& key);

/// Epoch, newest load (of any pipeline), the pipeline's receipts and decisions; without a
/// difference. Nothing where the tables do not exist.
Result<Evidence> read_evidence(Connection& connection, const EvidenceKey& key);
/// The same of every partition that the pipeline has claimed or loaded in the target, holds a
/// receipt of or decided about; by label. `key.partition` is of no account.
Result<std::vector<PartitionEvidence>> read_history(Connection& connection, EvidenceKey key);
/// Adds the load and its receipts, which are all of the partition; the time of a removal that was
/// noted before is kept.
Status write_evidence(Connection& connection, const EvidenceKey& key, const Load& load,
                      const std::vector<Receipt>& receipts);
/// Replaces the partition's rejects by those of a stage's table.
Status write_rejects(Connection& connection, const EvidenceKey& key, const std::string& stage);
/// At most `max_rows` of the partition's rejects, by split, generation and raw bytes.
Result<std::vector<RejectRow>> read_rejects(Connection& connection, const EvidenceKey& key,
                                            std::int64_t max_rows);
Status note_removal(Connection& connection, const EvidenceKey& key, const std::string& split,
                    std::int64_t generation);

}  // namespace daymill::sqlite
