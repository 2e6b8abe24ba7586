// What must be true of every state, and of where every state leads.
#pragma once

#include "actions.hpp"

namespace daymill::model {

/// Nothing lost, nothing counted twice, table, receipts and snapshots agree. Null: all is well.
const char* violation_of(const Engine& engine, const World& world);

/// A decision asked of people although nothing happened that could need one. Null: justified.
const char* violation_of_decision(const World& world);

/// All runners stop; then runs are repeated without further faults. They must end with everything
/// in the sink and nothing in the source, or with a decision that is justified. Null: they do.
const char* violation_in_the_end(const Engine& engine, World world);

}  // namespace daymill::model
