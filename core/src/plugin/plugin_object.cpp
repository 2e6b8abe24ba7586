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

Status too_old(const std::string& id, std::uint16_t minor, const char* what) {
  return Status(Code::unsupported, id + ": the plugin was built for plugin interface 1." +
                                       std::to_string(minor) + ", which does not know " + what)
      .next("rebuild the plugin against this daymill's headers");
}

}  // namespace daymill
