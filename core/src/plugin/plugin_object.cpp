#include "plugin/plugin_object.hpp"

namespace daymill {

Status from_plugin(const std::string& id, const Status& status) {
  if (status.ok()) {
    return status;
  }
  const bool named = status.message().compare(0, id.size() + 2, id + ": ") == 0;
  return Status(status.code(), named ? status.message() : id + ": " + status.message())
      .at(status.where())
      .next(status.next());
}

Status plugin_breach(const std::string& id, const std::string& message) {
  return Status(Code::internal, id + ": the plugin breaks the interface: " + message)
      .next("report it to the author of the plugin");
}

}  // namespace daymill
