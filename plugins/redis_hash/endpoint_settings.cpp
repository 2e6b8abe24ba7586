#include "endpoint_settings.hpp"

#include <utility>

namespace daymill::redis_hash {

ConfigSpec add_endpoint(ConfigSpec spec) {
  return std::move(spec)
      .add(text_field("host", "Host name or address of the master")
               .defaults_to("localhost")
               .operational())
      .add(integer_field("port", "TCP port").defaults_to(6379).between(1, 65535).operational())
      .add(
          text_field("user", "ACL user; empty: Redis's default user").defaults_to("").operational())
      .add(text_field("password", "Password; empty: none")
               .defaults_to("")
               .secret()
               .operational()
               .example("\"${file:/run/secrets/redis}\""))
      .add(integer_field("database", "Number of the database").defaults_to(0).between(0, 1 << 20))
      .add(integer_field("connect_timeout_ms", "How long to wait for a connection, in milliseconds")
               .defaults_to(5000)
               .between(1, 3600000)
               .operational())
      .add(integer_field("timeout_ms", "How long to wait for one reply, in milliseconds")
               .defaults_to(30000)
               .between(1, 3600000)
               .operational());
}

Endpoint read_endpoint(const Config& config) {
  Endpoint endpoint;
  endpoint.host = config.has("host") ? config.text("host") : "localhost";
  endpoint.port = static_cast<int>(config.integer("port", 6379));
  endpoint.user = config.text("user");
  endpoint.password = config.text("password");
  endpoint.database = config.integer("database", 0);
  endpoint.connect_timeout = std::chrono::milliseconds(config.integer("connect_timeout_ms", 5000));
  endpoint.timeout = std::chrono::milliseconds(config.integer("timeout_ms", 30000));
  return endpoint;
}

}  // namespace daymill::redis_hash
