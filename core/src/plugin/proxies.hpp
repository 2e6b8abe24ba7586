// Sources, transforms and sinks of plugins as C++ objects.
//
//   DAYMILL_ASSIGN(std::unique_ptr<Source> source, make_source(*component, entries, services));
//
// `entries` are the resolved settings: valid by the component's config spec, defaults filled in.
// Errors that come from a plugin begin with the component's id. Whatever its readers, lanes and
// writers hand out is checked (batch_check.hpp) before anybody reads it. A reader, lane or writer
// may outlive the object it came from; the plugin's own object is destroyed after the last of them.
// THREADS: as plugin.hpp says.
#pragma once

#include <memory>
#include <vector>

#include "daymill/plugin.hpp"
#include "plugin/batch_check.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

Result<std::unique_ptr<Source>> make_source(const PluginComponent& component,
                                            const std::vector<Config::Entry>& entries,
                                            std::shared_ptr<HostServices> services,
                                            BatchCheck check = default_batch_check());

Result<std::unique_ptr<Transform>> make_transform(const PluginComponent& component,
                                                  const std::vector<Config::Entry>& entries,
                                                  std::shared_ptr<HostServices> services,
                                                  BatchCheck check = default_batch_check());

Result<std::unique_ptr<Sink>> make_sink(const PluginComponent& component,
                                        const std::vector<Config::Entry>& entries,
                                        std::shared_ptr<HostServices> services);

}  // namespace daymill
