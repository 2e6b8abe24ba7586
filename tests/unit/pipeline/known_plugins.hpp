#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/load_pipeline.hpp"
#include "pipeline/schema.hpp"

namespace daymill {

// Config specs like those of the real plugins, a disabled plugin and one with a broken spec, so
// that the loader is tested without loading anything.
SpecAnswer known_plugin(ComponentKind kind, const std::string& plugin);

// The usable ones, as the schema generator wants them.
std::vector<SchemaComponent> known_components();

// Variables and files from maps instead of the environment.
VariableLookup fixed_variables(std::map<std::string, std::string> variables,
                               std::map<std::string, std::string> files = {});

// The pipeline of the product itself, correct in every respect.
std::string ad_ctr_pipeline();

}  // namespace daymill
