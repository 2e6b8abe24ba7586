#include "support/postgres_cluster.hpp"

#include <unistd.h>

#include <random>
#include <stdexcept>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill::support {
namespace {

void must_succeed(const ProcessOptions& options) {
  const auto result = run_process(options);
  if (result.exit_code != 0)
    throw std::runtime_error(options.argv[0] + " failed:\n" + result.standard_output +
                             result.standard_error);
}

std::filesystem::path create_template(const TemporaryFolder& folder) {
  const auto password_file = folder.write("password", postgres_password());
  const auto user = unprivileged_user();
  if (user) {
    if (::chown(folder.path().c_str(), user->uid, user->gid) != 0 ||
        ::chown(password_file.c_str(), user->uid, user->gid) != 0)
      throw std::runtime_error("cannot give " + folder.path().string() + " to " + user->name);
  }
  const auto data = folder / "data";
  must_succeed({.argv = {(postgres_programs() / "initdb").string(), "-D", data.string(), "-U",
                         "postgres", "--pwfile", password_file.string(), "-A", "scram-sha-256",
                         "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                .folder = "/",
                .user = user});
  return data;
}

}  // namespace

std::filesystem::path postgres_programs() {
  std::filesystem::path best;
  int best_version = -1;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", missing)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > best_version && std::filesystem::exists(entry.path() / "bin/initdb")) {
      best_version = version;
      best = entry.path() / "bin";
    }
  }
  if (best.empty())
    throw std::runtime_error("no initdb in /usr/lib/postgresql/*/bin (scripts/setup installs it)");
  return best;
}

const std::string& postgres_password() {
  static const std::string password = [] {
    constexpr std::string_view kLetters =
        "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    std::random_device random;
    std::uniform_int_distribution<std::size_t> pick(0, kLetters.size() - 1);
    std::string text;
    for (int i = 0; i < 24; ++i)
      text += kLetters[pick(random)];
    return text;
  }();
  return password;
}

void create_postgres_cluster(const std::filesystem::path& folder) {
  static const TemporaryFolder template_folder("postgres-template");
  static const std::filesystem::path template_data = create_template(template_folder);
  must_succeed({.argv = {"cp", "-a", template_data.string(), folder.string()}, .folder = "/"});
}

}  // namespace daymill::support
