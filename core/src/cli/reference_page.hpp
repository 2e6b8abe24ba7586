// Reference pages in Markdown, made from what plugins declare: docs/reference/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/config_spec.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

/// What the component can promise, for people: "receipts, fences"; empty when nothing.
std::string capability_names(const PluginComponent& component);

/// One page: summary, capabilities, a table of the settings, an example of "config".
std::string reference_page(const PluginComponent& component, const ConfigRules& rules);

/// Writes one page per component, <kind>_<id>.md, and an index, README.md.
Status write_reference(const std::filesystem::path& folder,
                       const std::vector<const PluginComponent*>& components);

}  // namespace daymill
