// What a pipeline file says about the sink.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "daymill/config.hpp"
#include "daymill/status.hpp"
#include "identifier.hpp"

namespace daymill::postgres {

struct Settings {
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
  TableName table;
  std::string table_text;  ///< as written
  std::string partition_column;
  std::vector<std::string> key;
  bool create = false;

  /// For errors: "postgres db.example:5432/shop table advertisement_analytics".
  [[nodiscard]] std::string place() const;
};

[[nodiscard]] ConfigSpec settings_spec();
/// INVALID_CONFIG names the setting, what was found and what is expected.
[[nodiscard]] Result<Settings> read_settings(const Config& config);

}  // namespace daymill::postgres
