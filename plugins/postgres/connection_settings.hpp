// What a pipeline file says about the way to the database; source and sink have the same settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "daymill/config.hpp"
#include "daymill/status.hpp"

namespace daymill::postgres {

struct ConnectionSettings {
  std::string host;
  std::int64_t port = 5432;
  std::string database;
  std::string user;
  std::string password;  ///< never printed
  std::string sslmode;
  std::string sslrootcert;
  std::string application_name;
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds statement_timeout{};  ///< 0: none
  std::chrono::milliseconds lock_timeout{};       ///< 0: none

  std::string component = "sink";  ///< whose settings these are, for errors
  std::string subject;  ///< what is worked on, for errors: "table advertisement_analytics"
  /// The session may change nothing, and finds tables without schema as its login does. Otherwise
  /// it finds nothing but by its schema's name.
  bool only_reads = false;

  /// For errors: "postgres db.example:5432/shop table advertisement_analytics".
  [[nodiscard]] std::string place() const;
};

/// Adds the settings to a component's spec. `statement` describes statement_timeout.
[[nodiscard]] ConfigSpec add_connection(ConfigSpec spec, std::string statement);
/// INVALID_CONFIG names the setting, what was found and what is expected.
[[nodiscard]] Result<ConnectionSettings> read_connection(const Config& config);

}  // namespace daymill::postgres
