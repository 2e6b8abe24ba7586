// What all proxies share: the plugin's object, the host it talks to, and calling it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "plugin/function_slot.hpp"
#include "plugin/host_services.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

/// Names the component in an error that came from it, unless it did so itself: "redis_hash: cannot
/// connect: ...".
Status from_plugin(const std::string& id, const Status& status);

/// INTERNAL: the plugin broke the interface.
Status plugin_breach(const std::string& id, const std::string& message);

/// UNSUPPORTED: the plugin was built for interface 1.`minor`, which does not know `what`.
Status too_old(const std::string& id, std::uint16_t minor, const char* what);

/// Runs `call(daymill_error*) -> daymill_code` and gives its Status.
template <typename Call>
Status call_plugin(const std::string& id, Call&& call) {
  detail::Received<daymill_error> error;
  const daymill_code code = call(error.out());
  return from_plugin(id, detail::from_c(code, error));
}

/// A source, transform or sink inside a plugin. Shared by its proxy and by everything the proxy
/// handed out.
template <typename Functions>
class PluginObject {
 public:
  static Result<std::shared_ptr<PluginObject>> create(const PluginComponent& component,
                                                      const std::vector<Config::Entry>& entries,
                                                      std::shared_ptr<HostServices> services) {
    auto object = std::make_shared<PluginObject>(component, std::move(services));
    const detail::ConfigView config(entries);
    DAYMILL_TRY(call_plugin(object->id_, [&](daymill_error* error) {
      return object->functions_->create(object->host_.get(), config.get(), &object->self_, error);
    }));
    if (object->self_ == nullptr) {
      return plugin_breach(object->id_, "create returned OK and no object");
    }
    return object;
  }

  PluginObject(const PluginComponent& component, std::shared_ptr<HostServices> services)
      : id_(component.id),
        abi_minor_(component.abi_minor),
        functions_(static_cast<const Functions*>(component.functions)),
        host_(std::move(services), component.id) {}
  ~PluginObject() {
    if (self_ != nullptr) {
      functions_->destroy(self_);
    }
  }
  PluginObject(const PluginObject&) = delete;
  PluginObject& operator=(const PluginObject&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] void* self() const { return self_; }

  /// Calls a function that every plugin has: `call(member, arguments...)` is
  /// `member(self, arguments..., error)`.
  template <typename... Parameters, typename... Arguments>
  Status call(daymill_code (*Functions::*member)(void*, Parameters...), Arguments... arguments) {
    const auto function = function_slot(functions_, member);
    if (function == nullptr) {
      return Status(Code::unsupported, id_ + ": the plugin has no such function");
    }
    return call_plugin(id_,
                       [&](daymill_error* error) { return function(self_, arguments..., error); });
  }
  template <typename Function>
  [[nodiscard]] bool has(Function Functions::*member) const {
    return function_slot(functions_, member) != nullptr;
  }
  [[nodiscard]] const Functions* functions() const { return functions_; }
  /// Of `what` that came with interface 1.`minor`: an older plugin would not see that it is asked
  /// for it, and do something else.
  [[nodiscard]] Status need_minor(std::uint16_t minor, const char* what) const {
    return abi_minor_ >= minor ? ok_status() : too_old(id_, abi_minor_, what);
  }

 private:
  std::string id_;
  std::uint16_t abi_minor_;
  const Functions* functions_;
  PluginHost host_;
  void* self_ = nullptr;
};

/// A reader, lane or writer inside a plugin: destroys it, then lets go of the object it came from.
/// Handle is daymill_reader, daymill_lane or daymill_writer.
template <typename Handle>
class PluginHandle {
 public:
  PluginHandle(std::string id, Handle handle, std::shared_ptr<void> owner)
      : id_(std::move(id)), handle_(handle), owner_(std::move(owner)) {}
  ~PluginHandle() {
    if (handle_.self != nullptr) {
      handle_.functions->destroy(handle_.self);
    }
  }
  PluginHandle(const PluginHandle&) = delete;
  PluginHandle& operator=(const PluginHandle&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] void* self() const { return handle_.self; }
  [[nodiscard]] auto functions() const { return handle_.functions; }
  [[nodiscard]] const std::shared_ptr<void>& owner() const { return owner_; }

 private:
  std::string id_;
  Handle handle_;
  std::shared_ptr<void> owner_;
};

/// INTERNAL unless the handle that `function` gave has a self, a table and all of `members`. A
/// handle with a destroy function is destroyed when it is refused.
template <typename Handle, typename... Members>
Status check_handle(const std::string& id, const char* function, const Handle& handle,
                    Members... members) {
  if (handle.self == nullptr || handle.functions == nullptr) {
    return plugin_breach(id, std::string(function) + " returned OK and no object");
  }
  const auto destroy = function_slot(
      handle.functions,
      &std::remove_const_t<std::remove_pointer_t<decltype(handle.functions)>>::destroy);
  if (destroy != nullptr && ((function_slot(handle.functions, members) != nullptr) && ...)) {
    return {};
  }
  if (destroy != nullptr) {
    destroy(handle.self);
  }
  return plugin_breach(id, std::string("what ") + function + " returned lacks a required function");
}

}  // namespace daymill
