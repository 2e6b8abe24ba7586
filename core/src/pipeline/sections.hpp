#pragma once

#include "pipeline/config_spec.hpp"

namespace daymill {

// The settings of the pipeline file that belong to daymill itself, declared in the same way as
// those of the plugins, so that checking and the JSON Schema come from one place.
const ConfigRules& partition_rules();
const ConfigRules& schedule_rules();
const ConfigRules& rejects_rules();
const ConfigRules& retry_rules();
const ConfigRules& snapshots_rules();

}  // namespace daymill
