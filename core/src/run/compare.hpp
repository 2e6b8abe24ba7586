// Compares two readings of one split, field by field: may the newer one replace the older one
// without losing a count?
#pragma once

#include <string>

#include "daymill/status.hpp"
#include "plan/bound_pipeline.hpp"
#include "snapshot/snapshot_store.hpp"

namespace daymill {

enum class Growth {
  equal = 1,  ///< same fingerprint
  grown,      ///< every field of the older reading is there with values at least as large
  shrunk,
};

struct Comparison {
  Growth growth = Growth::equal;
  std::string detail;  ///< shrunk: the first field and measure, with both values
  std::string sums;    ///< not equal: rows and sums of both, for people
};

/// Works bucket by bucket over the decoded rows; rejected rows do not count.
Result<Comparison> compare_readings(BoundPipeline& pipeline, const Partition& partition,
                                    const StoredSnapshot& older, const StoredSnapshot& newer,
                                    std::size_t memory_limit);

}  // namespace daymill
