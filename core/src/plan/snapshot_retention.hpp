// Which snapshots are no longer needed. A pure function of what is known, so that it can be tested
// against every reason to keep one.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "snapshot/snapshot_store.hpp"

namespace daymill {

struct RetentionVerdict {
  StoredSnapshot snapshot;
  std::string keep;  ///< why it stays; empty: it may go
};

/// A snapshot may go when a receipt names it and its split was removed from the source longer ago
/// than `keep` (with `removes` false: was loaded longer ago). One without a receipt always stays:
/// it may be all that is left of its counts. `now` in UTC.
std::vector<RetentionVerdict> judge_retention(const std::vector<StoredSnapshot>& snapshots,
                                              const std::vector<PartitionEvidence>& history,
                                              bool removes, std::chrono::seconds keep,
                                              std::chrono::system_clock::time_point now);

}  // namespace daymill
