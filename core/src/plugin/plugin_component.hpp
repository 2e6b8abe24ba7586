// One source, transform or sink of a loaded plugin, as the host knows it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "daymill/abi.h"
#include "daymill/component_kind.hpp"

namespace daymill {

/// Cheap to copy; valid until the process ends, as plugins are never unloaded.
struct PluginComponent {
  ComponentKind kind = ComponentKind::source;
  std::string id;
  std::string config_spec;  ///< JSON, see daymill/config.hpp
  std::uint32_t capabilities = 0;
  std::int32_t logic_version = 1;
  std::string plugin;          ///< name of the plugin it is part of
  std::string version;         ///< of the plugin
  std::filesystem::path file;  ///< of the plugin
  /// The plugin was built for interface 1.abi_minor.
  std::uint16_t abi_minor = DAYMILL_ABI_MINOR;
  const void* functions = nullptr;  ///< of abi.h, by kind; for the proxies

  /// All of DAYMILL_SOURCE_*, DAYMILL_TRANSFORM_* or DAYMILL_SINK_* in `bits`.
  [[nodiscard]] bool can(std::uint32_t bits) const { return (capabilities & bits) == bits; }
};

}  // namespace daymill
