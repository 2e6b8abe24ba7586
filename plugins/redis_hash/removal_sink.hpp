// On behalf of which sink a pipeline removes: daymill:<pipeline>:sink.
#pragma once

#include "connection.hpp"
#include "daymill/plugin.hpp"

namespace daymill::redis_hash {

/// The first removal of a pipeline, whatever its kind, names the sink on whose behalf it removes;
/// later ones must be for the same, or INVALID_CONFIG.
Status check_removal_sink(Connection& connection, const Endpoint& endpoint,
                          const RemovalProof& proof);

}  // namespace daymill::redis_hash
