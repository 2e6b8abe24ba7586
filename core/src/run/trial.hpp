// A day's rows through decode, combine and transforms, into memory: for `preview` and `test`. The
// same load() as a run's, over snapshots in a temporary folder; no sink is made.
#pragma once

#include <string>
#include <vector>

#include "run/load.hpp"

namespace daymill {

/// Raw rows of one split, as its reader would give them.
struct TrialSplit {
  std::string id;
  std::vector<RecordBatch> rows;  ///< of the pipeline's raw schema
};

struct Trial {
  std::vector<RecordBatch> rows;  ///< of the pipeline's out_schema, in no order
  std::vector<RejectRow> rejects;
  LoadTotals totals;
};

/// Any number of rejects is allowed. What a run would say of the rows, this says.
Result<Trial> try_rows(BoundPipeline& pipeline, const Partition& partition,
                       const std::vector<TrialSplit>& splits);

}  // namespace daymill
