// The evidence of all days of a pipeline at once.
#pragma once

#include <vector>

#include "binding.hpp"
#include "daymill/plugin.hpp"

namespace daymill::postgres {

/// By label; each day that the pipeline has claimed, loaded, receipted or decided about, as it is
/// at one moment. As many statements for ten years as for a day. Empty when there is no evidence
/// schema.
[[nodiscard]] Result<std::vector<PartitionEvidence>> read_history(Connection& connection,
                                                                  const Binding& binding);

}  // namespace daymill::postgres
