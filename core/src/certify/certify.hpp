// The certification of one plugin file: every check of every component, each in a process of its
// own. The calling process never loads the plugin.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "certify/certify_config.hpp"
#include "certify/scorecard.hpp"

namespace daymill {

/// What a plugin file says of itself.
struct DescribedPlugin {
  std::filesystem::path file;
  std::string name;
  std::string version;
  std::string interface;
  std::vector<PluginComponent> components;  ///< without their functions
};

/// Loads the file in another process. The error is the loader's, or says how the process ended.
Result<DescribedPlugin> describe_plugin_file(const std::filesystem::path& file);

/// Called after each check. False: stop.
using OnScore = std::function<bool(const Score&)>;

/// `settings` by component_key(), as read_certify_config() gives them. CANCELLED when `on_score`
/// said so.
Result<Scorecard> certify(const DescribedPlugin& plugin,
                          const std::map<std::string, CertifySettings>& settings,
                          const OnScore& on_score);

}  // namespace daymill
