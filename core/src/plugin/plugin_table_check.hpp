// Is what a plugin's query function returned usable by this host? Nothing of the plugin is called.
#pragma once

#include <vector>

#include "daymill/abi.h"
#include "daymill/status.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

/// Magic and ABI version first, then name, version and every component: kind, id, config spec,
/// required functions. Returns the components. Errors say found and expected, and advise; the
/// caller adds the file.
Result<std::vector<PluginComponent>> check_plugin_table(const daymill_plugin_info* info);

}  // namespace daymill
