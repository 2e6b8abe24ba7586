// All plugins of the configured folders.
//
//   DAYMILL_ASSIGN(auto folders, default_plugin_folders());
//   const PluginRegistry registry = PluginRegistry::load(folders, services);
//   DAYMILL_ASSIGN(const PluginComponent* component, registry.find(ComponentKind::sink, "csv"));
//   DAYMILL_ASSIGN(std::unique_ptr<Sink> sink, make_sink(*component, entries, services));
//
// A plugin that cannot be used stays listed with its reason, and disturbs only who needs it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/status.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_component.hpp"
#include "plugin/plugin_library.hpp"

namespace daymill {

/// One file of a plugin folder.
struct PluginFile {
  std::filesystem::path file;
  Status problem;         ///< OK: enabled; otherwise why it is disabled
  PluginLibrary library;  ///< empty when it could not be loaded

  [[nodiscard]] bool enabled() const { return problem.ok(); }
};

/// Immutable once loaded, so it may be read from any thread.
class PluginRegistry {
 public:
  /// Loads every *.so of `folders`, in their order and by name within each. A file that is met
  /// twice counts once. Of two files with a component of the same kind and id, the second is
  /// disabled.
  static PluginRegistry load(const std::vector<std::filesystem::path>& folders,
                             const std::shared_ptr<HostServices>& services);

  /// NOT_FOUND names what there is; when a disabled file might be the one, its reason comes along.
  /// The component lives as long as the registry.
  [[nodiscard]] Result<const PluginComponent*> find(ComponentKind kind, std::string_view id) const;

  /// Enabled and disabled ones, for `plugins list`.
  [[nodiscard]] const std::vector<PluginFile>& files() const { return files_; }
  /// Of the enabled files, by kind and then id.
  [[nodiscard]] std::vector<const PluginComponent*> components() const;
  [[nodiscard]] const std::vector<std::filesystem::path>& folders() const { return folders_; }

 private:
  void add(const std::filesystem::path& file, const std::shared_ptr<HostServices>& services);
  [[nodiscard]] const PluginComponent* lookup(ComponentKind kind, std::string_view id) const;

  std::vector<std::filesystem::path> folders_;
  std::vector<PluginFile> files_;
};

}  // namespace daymill
