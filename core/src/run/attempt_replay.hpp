// replay: the load of a run, from the snapshots that the receipts name. The source is not reached.
#pragma once

#include "run/run_context.hpp"

namespace daymill {

/// OK when the day was rebuilt, or already was what rebuilding would give. NOT_FOUND when it was
/// never loaded.
Status attempt_replay(RunContext& context);

}  // namespace daymill
