// Why a plugin file can or cannot be used: each is loaded in a process of its own, with a time
// limit, so that one that crashes or hangs is found as well.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "daymill/status.hpp"

namespace daymill {

struct PluginHealth {
  std::filesystem::path file;
  std::vector<std::string> components;  ///< "source csv"
  std::string version;
  Status problem;  ///< OK: it loads; otherwise what is wrong, where, and what to do
};

/// Every *.so of `folders`, in their order and by name, as the registry would load them: of two
/// files with the same component the second has a problem. A folder that cannot be read is a
/// problem of its own.
std::vector<PluginHealth> examine_plugins(const std::vector<std::filesystem::path>& folders,
                                          std::chrono::milliseconds time_limit);

}  // namespace daymill
