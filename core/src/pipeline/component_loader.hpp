#pragma once

#include <string>

#include "pipeline/definition.hpp"
#include "pipeline/load_pipeline.hpp"
#include "pipeline/pipeline_reader.hpp"

namespace daymill {

// Reads the object `{ "plugin": ..., "config": ... }` at `pointer` against the plugin's own config
// spec. What is wrong is a finding.
ComponentDefinition read_component(PipelineReader& reader, const SpecLookup& specs,
                                   ComponentKind kind, const std::string& pointer);

}  // namespace daymill
