// What the host does for plugins, and the C table through which a plugin's object reaches it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "daymill/abi.h"

namespace daymill {

/// Implemented by whoever runs plugins: logging and the wish to stop. Called from any thread.
class HostServices {
 public:
  virtual ~HostServices() = default;
  /// `level` is DAYMILL_LOG_*; `plugin` is the component's id.
  virtual void log(std::int32_t level, std::string_view plugin, std::string_view message) = 0;
  [[nodiscard]] virtual bool stop_requested() const = 0;
};

/// The daymill_host of one object of a plugin. Stays where it is: the plugin keeps the pointer.
/// What `services` throws is dropped, as nothing may be thrown into a plugin.
class PluginHost {
 public:
  PluginHost(std::shared_ptr<HostServices> services, std::string plugin);
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  [[nodiscard]] const daymill_host* get() const { return &table_; }

 private:
  static void log(void* self, std::int32_t level, daymill_text message);
  static std::int32_t stop_requested(void* self);

  std::shared_ptr<HostServices> services_;
  std::string plugin_;
  daymill_host table_;
};

}  // namespace daymill
