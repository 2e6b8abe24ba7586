#pragma once

#include <filesystem>
#include <string>

namespace daymill::support {

/// The folder with initdb and postgres: the newest of /usr/lib/postgresql/*/bin.
[[nodiscard]] std::filesystem::path postgres_programs();

/// Fills `folder` (must not exist yet) with a fresh UTF-8 cluster whose superuser `postgres` has
/// postgres_password(), owned by the account the server will run as. initdb runs once per test
/// program; every cluster is a copy of its result.
void create_postgres_cluster(const std::filesystem::path& folder);

/// The password every cluster of this test program is created with: random, letters and digits.
[[nodiscard]] const std::string& postgres_password();

}  // namespace daymill::support
