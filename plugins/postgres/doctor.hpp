// What `check` and `bind` ask of the server itself.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"
#include "settings.hpp"

namespace daymill::postgres {

/// UNSUPPORTED when this server cannot be loaded into: a standby, too old, not UTF-8.
Status check_server(Connection& connection);

/// The target, named the same wherever it is reached from.
[[nodiscard]] Result<std::string> target_identity(Connection& connection, const TableName& table);

/// Lines for people: version, encoding, target, the way days are loaded; "warning: ..." where
/// something costs speed or safety, "error: ..." where loading would fail.
[[nodiscard]] Result<std::vector<std::string>> describe_server(Connection& connection,
                                                               const Settings& settings);

}  // namespace daymill::postgres
