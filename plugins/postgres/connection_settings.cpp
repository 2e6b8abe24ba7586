#include "connection_settings.hpp"

#include <algorithm>
#include <utility>

#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

Result<std::chrono::milliseconds> read_duration(const Config& config, const char* name) {
  const std::string text = config.text(name);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = text.substr(digits);
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                                            : 0;
  constexpr std::int64_t kMost = 2'147'483'647;  // PostgreSQL keeps milliseconds in an int
  const auto count = parse_int64(text.substr(0, digits));
  if (count == 0 && (factor != 0 || unit.empty())) {
    return std::chrono::milliseconds(0);
  }
  if (!count || factor == 0 || *count > kMost / factor) {
    return Status(Code::invalid_config, std::string(name) + " is \"" + printable(text) +
                                            "\", expected a number and a unit: 500ms, 30s, 10m, "
                                            "1h; or 0 for no limit");
  }
  return std::chrono::milliseconds(*count * factor);
}

}  // namespace

std::string ConnectionSettings::place() const {
  return "postgres " + host + ":" + std::to_string(port) + "/" + database + " " + subject;
}

ConfigSpec add_connection(ConfigSpec spec, std::string statement) {
  return std::move(spec)
      .add(text_field("host", "Host name, address, or folder of the server's Unix socket")
               .defaults_to("localhost")
               .operational())
      .add(integer_field("port", "TCP port").defaults_to(5432).between(1, 65535).operational())
      .add(text_field("database", "Database, encoded in UTF-8").defaults_to("postgres"))
      .add(text_field("user", "Login").defaults_to("postgres").operational())
      .add(text_field("password", "Password; when empty, libpq looks in PGPASSWORD and ~/.pgpass")
               .defaults_to("")
               .secret()
               .operational()
               .example("\"${file:/run/secrets/postgres_password}\""))
      .add(text_field("sslmode", "How the connection is encrypted and the server verified")
               .defaults_to("prefer")
               .one_of({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
               .operational())
      .add(text_field("sslrootcert", "File with the certificates that the server's is checked by")
               .operational())
      .add(text_field("application_name", "Shown in pg_stat_activity")
               .defaults_to("daymill")
               .operational())
      .add(
          text_field("connect_timeout", "Longest time to connect").defaults_to("10s").operational())
      .add(text_field("statement_timeout", std::move(statement)).defaults_to("30m").operational())
      .add(text_field("lock_timeout",
                      "Longest wait for a lock; other users of the table wait behind it as long")
               .defaults_to("1s")
               .operational());
}

Result<ConnectionSettings> read_connection(const Config& config) {
  ConnectionSettings s;
  s.host = config.text("host");
  s.port = config.integer("port", s.port);
  s.database = config.text("database");
  s.user = config.text("user");
  s.password = config.text("password");
  s.sslmode = config.text("sslmode");
  s.sslrootcert = config.text("sslrootcert");
  s.application_name = config.text("application_name");
  DAYMILL_ASSIGN(s.connect_timeout, read_duration(config, "connect_timeout"));
  DAYMILL_ASSIGN(s.statement_timeout, read_duration(config, "statement_timeout"));
  DAYMILL_ASSIGN(s.lock_timeout, read_duration(config, "lock_timeout"));
  return s;
}

}  // namespace daymill::postgres
