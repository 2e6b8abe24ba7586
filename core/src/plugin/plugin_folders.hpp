// Where plugins are looked for: configured folders only, never the current one.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "daymill/status.hpp"

namespace daymill {

/// The folders of DAYMILL_PLUGIN_PATH (`configured`: absolute folders, separated by colons), then,
/// where they exist, `<executable's folder>/../plugins` (a build tree) and
/// `<executable's folder>/../lib/daymill/plugins` (an installation; lib or lib64 as it was built).
/// INVALID_ARGUMENT when a configured folder is not absolute or does not exist.
Result<std::vector<std::filesystem::path>> plugin_folders(
    const std::filesystem::path& executable, std::optional<std::string_view> configured);

/// The same for this process and its environment.
Result<std::vector<std::filesystem::path>> default_plugin_folders();

}  // namespace daymill
