// Loading one plugin file. The only place that knows Boost.DLL.
//
// Loading is full trust, so the file is looked at before any of its code runs: it must be a regular
// file of root or of the effective user that nobody else may write, and so must its folder be. Then
// it is loaded once for the life of the process, and never unloaded.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daymill/status.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

/// A plugin that is loaded and whose `start`, if it has one, succeeded.
struct PluginLibrary {
  std::filesystem::path file;  ///< absolute, without symbolic links
  std::string name;
  std::string version;
  std::string build;
  std::vector<PluginComponent> components;
};

/// Loads `file`, or finds that the same file (device and inode) is loaded already. The first
/// `services` are kept for the plugin's `start`. Any thread. An error has the file as where, found
/// and expected in the message, and what to do as next.
Result<PluginLibrary> load_plugin(const std::filesystem::path& file,
                                  const std::shared_ptr<HostServices>& services);

/// Which file it is, whatever path leads there.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// Of the regular file behind `file`, if it may be loaded: see above. PERMISSION_DENIED,
/// INVALID_ARGUMENT or NOT_FOUND otherwise.
Result<FileIdentity> check_plugin_file(const std::filesystem::path& file);

}  // namespace daymill
