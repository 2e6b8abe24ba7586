#include "plugin/host_services.hpp"

#include <utility>

#include "daymill/plugin.hpp"

namespace daymill {

PluginHost::PluginHost(std::shared_ptr<HostServices> services, std::string plugin)
    : services_(std::move(services)),
      plugin_(std::move(plugin)),
      table_{sizeof(daymill_host), this, &PluginHost::log, &PluginHost::stop_requested} {}

void PluginHost::log(void* self, std::int32_t level, daymill_text message) {
  const auto* host = static_cast<const PluginHost*>(self);
  try {
    host->services_->log(level, host->plugin_, detail::view_of(message));
  } catch (...) {
  }
}

std::int32_t PluginHost::stop_requested(void* self) {
  try {
    return static_cast<const PluginHost*>(self)->services_->stop_requested() ? 1 : 0;
  } catch (...) {
    return 0;
  }
}

}  // namespace daymill
