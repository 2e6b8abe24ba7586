#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace daymill::support {

/// An account of this machine, complete enough to become it between fork and exec.
struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// The account called `name`, or nothing.
[[nodiscard]] std::optional<User> find_user(const std::string& name);

/// The account a server that refuses root has to run as: `postgres`, else `nobody`, when this
/// process is root; nothing when it is not (then the server simply runs as this user).
[[nodiscard]] std::optional<User> unprivileged_user();

}  // namespace daymill::support
