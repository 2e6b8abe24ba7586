// What a pipeline file says about the sink.
#pragma once

#include <string>
#include <vector>

#include "connection_settings.hpp"
#include "daymill/config.hpp"
#include "daymill/status.hpp"
#include "identifier.hpp"

namespace daymill::postgres {

struct Settings : ConnectionSettings {
  TableName table;
  std::string table_text;  ///< as written
  std::string partition_column;
  std::vector<std::string> key;
  bool create = false;
};

[[nodiscard]] ConfigSpec settings_spec();
/// INVALID_CONFIG names the setting, what was found and what is expected.
[[nodiscard]] Result<Settings> read_settings(const Config& config);

}  // namespace daymill::postgres
