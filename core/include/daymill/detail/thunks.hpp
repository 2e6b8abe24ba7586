// Declaring what a plugin offers. Part of <daymill/plugin.hpp>: include that.
//
//   DAYMILL_PLUGIN("counters", "1.0.0",
//                  daymill::source<CounterSource>("counters", spec,
//                                                 DAYMILL_SOURCE_REMOVES_BY_PROOF),
//                  daymill::transform<Ratio>("ratio", other_spec, DAYMILL_TRANSFORM_ROW_WISE, 2))
//
// T has `static Result<std::unique_ptr<Source|Transform|Sink>> create(const Config&, Host)`.
// `capabilities` are the DAYMILL_SOURCE_*, DAYMILL_TRANSFORM_* or DAYMILL_SINK_* bits of abi.h;
// `logic_version` is raised whenever the same input would give another output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/detail/exchange.hpp"
#include "daymill/detail/exchange_sink.hpp"
#include "daymill/detail/exchange_source.hpp"
#include "daymill/detail/thunk_guard.hpp"
#include "daymill/detail/thunk_lane.hpp"
#include "daymill/detail/thunk_sink.hpp"
#include "daymill/detail/thunk_source.hpp"
#include "daymill/detail/thunk_transform.hpp"

namespace daymill {

namespace detail {

/// One entry of DAYMILL_PLUGIN.
struct Component {
  std::int32_t kind = 0;
  std::string id;
  std::string config_spec;
  std::uint32_t capabilities = 0;
  std::int32_t logic_version = 1;
  const void* functions = nullptr;
};

/// What the query function points at; built once, never destroyed before the process ends.
class PluginTable {
 public:
  PluginTable(const char* name, const char* version, std::initializer_list<Component> components)
      : components_(components) {
    structs_.reserve(components_.size());
    for (const Component& component : components_) {
      auto view = empty_struct<daymill_component>();
      view.kind = component.kind;
      view.id = component.id.c_str();
      view.config_spec = component.config_spec.c_str();
      view.capabilities = component.capabilities;
      view.logic_version = component.logic_version;
      view.functions = component.functions;
      structs_.push_back(view);
    }
    for (const daymill_component& component : structs_) {
      pointers_.push_back(&component);
    }
    info_.abi_major = DAYMILL_ABI_MAJOR;
    info_.abi_minor = DAYMILL_ABI_MINOR;
    info_.magic = DAYMILL_PLUGIN_MAGIC;
    info_.name = name;
    info_.version = version;
#ifdef __VERSION__
    info_.build = "compiler " __VERSION__;
#else
    info_.build = "compiler unknown";
#endif
    info_.n_components = pointers_.size();
    info_.components = pointers_.data();
  }
  PluginTable(const PluginTable&) = delete;
  PluginTable& operator=(const PluginTable&) = delete;

  [[nodiscard]] const daymill_plugin_info* info() const {
    return &info_;
  }

 private:
  std::vector<Component> components_;
  std::vector<daymill_component> structs_;
  std::vector<const daymill_component*> pointers_;
  daymill_plugin_info info_ = empty_struct<daymill_plugin_info>();
};

}  // namespace detail

template <typename T>
detail::Component source(std::string id, const ConfigSpec& spec, std::uint32_t capabilities = 0,
                         std::int32_t logic_version = 1) {
  return {DAYMILL_KIND_SOURCE, std::move(id), spec.json(),
          capabilities,        logic_version, &detail::kSourceFunctions<T>};
}

template <typename T>
detail::Component transform(std::string id, const ConfigSpec& spec, std::uint32_t capabilities = 0,
                            std::int32_t logic_version = 1) {
  return {DAYMILL_KIND_TRANSFORM, std::move(id), spec.json(),
          capabilities,           logic_version, &detail::kTransformFunctions<T>};
}

template <typename T>
detail::Component sink(std::string id, const ConfigSpec& spec, std::uint32_t capabilities = 0,
                       std::int32_t logic_version = 1) {
  return {DAYMILL_KIND_SINK, std::move(id), spec.json(),
          capabilities,      logic_version, &detail::kSinkFunctions<T>};
}

}  // namespace daymill

/// Once in a plugin, at file scope: name and version of the plugin, then its components.
#define DAYMILL_PLUGIN(name, version, ...)                                             \
  extern "C" __attribute__((visibility("default"))) const daymill_plugin_info*         \
  daymill_plugin_query_v1(void);                                                       \
  extern "C" const daymill_plugin_info* daymill_plugin_query_v1(void) {                \
    try {                                                                              \
      static const ::daymill::detail::PluginTable table(name, version, {__VA_ARGS__}); \
      return table.info();                                                             \
    } catch (...) {                                                                    \
      return nullptr;                                                                  \
    }                                                                                  \
  }                                                                                    \
  static_assert(true, "so that a semicolon may follow")
