#include "support/user.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <stdexcept>

namespace daymill::support {

std::optional<User> find_user(const std::string& name) {
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr)
    return std::nullopt;
  User user{name, entry->pw_uid, entry->pw_gid, {}};
  int count = 64;
  user.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(name.c_str(), user.gid, user.groups.data(), &count) < 0)
    throw std::runtime_error("user " + name + " is in more than 64 groups");
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

std::optional<User> unprivileged_user() {
  if (::geteuid() != 0)
    return std::nullopt;
  for (const char* name : {"postgres", "nobody"})
    if (auto user = find_user(name))
      return user;
  throw std::runtime_error(
      "running as root, and there is no user postgres or nobody to step down to");
}

}  // namespace daymill::support
