// Of several readings of one split, the one that has everything that the others have.
#pragma once

#include <vector>

#include "plan/bound_pipeline.hpp"
#include "snapshot/snapshot_store.hpp"

namespace daymill {

/// The last of `readings` that covers all of them (compare.hpp: not one count less); null when none
/// does, or when there are none. They differ where a source was reset between them. Points into
/// `readings`.
Result<const StoredSnapshot*> covering_reading(BoundPipeline& pipeline, const Partition& partition,
                                               const std::vector<StoredSnapshot>& readings,
                                               std::size_t memory_limit);

}  // namespace daymill
