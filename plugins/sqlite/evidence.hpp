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

struct Fence {
  std::string pipeline;
  std::int64_t epoch = 0;  ///< 0: nobody has claimed the partition
};

Status create_evidence_tables(Connection& connection);
Result<bool> evidence_tables_exist(Connection& connection);

Result<Fence> read_fence(Connection& connection, const EvidenceKey& key);
/// The next epoch; the caller holds the write lock.
Result<std::int64_t> raise_fence(Connection& connection, const EvidenceKey& key);

/// Epoch, newest load (of any pipeline) and the pipeline's receipts.
Result<Evidence> read_evidence(Connection& connection, const EvidenceKey& key);
/// Adds the load and its receipts, which are all of the partition; the time of a removal that was
/// noted before is kept.
Status write_evidence(Connection& connection, const EvidenceKey& key, const Load& load,
                      const std::vector<Receipt>& receipts);
/// Replaces the partition's rejects by those of a stage's table.
Status write_rejects(Connection& connection, const EvidenceKey& key, const std::string& stage);
Status note_removal(Connection& connection, const EvidenceKey& key, const std::string& split,
                    std::int64_t generation);

}  // namespace daymill::sqlite
