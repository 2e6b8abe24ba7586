// A lane of a plugin (decoder or transform) as a Lane.
#pragma once

#include <memory>
#include <string>

#include "daymill/plugin.hpp"
#include "plugin/batch_check.hpp"

namespace daymill {

/// Takes `lane` over, which `function` of component `id` gave. `output` is the schema of what it
/// emits; `owner` is kept until the lane is destroyed.
Result<std::unique_ptr<Lane>> make_lane(const std::string& id, const char* function,
                                        daymill_lane lane, Schema output, BatchCheck check,
                                        std::shared_ptr<void> owner);

}  // namespace daymill
