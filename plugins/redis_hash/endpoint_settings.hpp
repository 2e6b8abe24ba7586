// What a pipeline file says about the way to the server; source and sink have the same settings.
#pragma once

#include "connection.hpp"
#include "daymill/config.hpp"

namespace daymill::redis_hash {

/// Adds the settings to a component's spec.
[[nodiscard]] ConfigSpec add_endpoint(ConfigSpec spec);
[[nodiscard]] Endpoint read_endpoint(const Config& config);

}  // namespace daymill::redis_hash
