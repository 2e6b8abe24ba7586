#include <memory>
#include <optional>
#include <utility>

#include "plugin/lane_proxy.hpp"
#include "plugin/plugin_object.hpp"
#include "plugin/proxies.hpp"

namespace daymill {

namespace {

using TransformFunctions = daymill_transform_functions;

class TransformProxy final : public Transform {
 public:
  TransformProxy(std::shared_ptr<PluginObject<TransformFunctions>> object, BatchCheck check)
      : object_(std::move(object)), check_(check) {}

  Result<Schema> bind(const Schema& in) override {
    const detail::SchemaView view(in);
    detail::Received<daymill_schema> out;
    DAYMILL_TRY(object_->call(&TransformFunctions::bind, view.get(), out.out()));
    Result<Schema> bound = detail::from_c(out.get());
    if (!bound.ok()) {
      return from_plugin(object_->id(), bound.status());
    }
    output_ = *bound;
    return bound;
  }

  Result<std::unique_ptr<Lane>> open(const Partition& partition) override {
    if (!output_) {
      return Status(Code::internal, object_->id() + ": opened before it was bound to a schema");
    }
    const daymill_partition view = detail::to_c(partition);
    daymill_lane lane{};
    DAYMILL_TRY(object_->call(&TransformFunctions::open, &view, &lane));
    return make_lane(object_->id(), "open", lane, *output_, check_, object_);
  }

 private:
  std::shared_ptr<PluginObject<TransformFunctions>> object_;
  BatchCheck check_;
  std::optional<Schema> output_;  // of the last bind
};

}  // namespace

Result<std::unique_ptr<Transform>> make_transform(const PluginComponent& component,
                                                  const std::vector<Config::Entry>& entries,
                                                  std::shared_ptr<HostServices> services,
                                                  BatchCheck check) {
  DAYMILL_ASSIGN(auto object,
                 PluginObject<TransformFunctions>::create(component, entries, std::move(services)));
  return std::make_unique<TransformProxy>(std::move(object), check);
}

}  // namespace daymill
