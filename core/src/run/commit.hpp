// Loading a set of snapshots into the sink and committing it with their receipts: what run and
// replay have in common.
#pragma once

#include <vector>

#include "daymill/plugin.hpp"
#include "run/run_context.hpp"

namespace daymill {

class EarlyLoad;

/// The attempt of this run under `epoch`.
Attempt attempt_of(const RunContext& context, std::int64_t epoch);

/// Loads the snapshots that `receipts` name (all splits and generations of the partition, as they
/// shall be afterwards) and commits them under `epoch`. `before` is the evidence read after the
/// claim. Afterwards the report has the totals.
///
/// NEEDS_DECISION when a snapshot is missing or is not what its receipt says, or when the result is
/// smaller than `before` and nobody accepted that. A lost answer to COMMIT is resolved here, by
/// reading the receipts. `early`, if any, has been finished: what it has staged is committed if it
/// is just that.
Status load_and_commit(RunContext& context, Sink& sink, std::int64_t epoch, const Evidence& before,
                       const std::vector<Receipt>& receipts, EarlyLoad* early = nullptr);

/// The same without claim and commit: rows are staged and compared with the target, and the report
/// gets totals and difference. Nothing is changed.
Status rehearse_load(RunContext& context, Sink& sink, const std::vector<Receipt>& receipts);

/// The rows of the day in the target, whoever wrote them, become the load of `epoch`, with the
/// receipts there are. NOT_FOUND when the day has no rows. Somebody decided so (contest.hpp).
Status adopt_rows(RunContext& context, Sink& sink, std::int64_t epoch, const Evidence& before);

/// Is the target just what loading the receipts' snapshots would give: same settings, same logic,
/// nothing changed since?
bool is_up_to_date(const BoundPipeline& pipeline, const Evidence& evidence);

}  // namespace daymill
