#include "plugin/plugin_library.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <system_error>
#include <utility>

#include "daymill/plugin.hpp"
#include "plugin/plugin_table_check.hpp"

namespace daymill {

namespace {

using QueryFunction = const daymill_plugin_info*(void);

/// One file that is loaded into the process, used or refused.
struct LoadedFile {
  FileIdentity identity;
  boost::dll::shared_library handle;
  std::unique_ptr<PluginHost> host;  // the plugin may keep it from `start` on
  Result<PluginLibrary> outcome;     // the first outcome stands: `start` is called once
};

/// All files loaded so far. Never destroyed, because nothing is ever unloaded: objects, threads and
/// exit handlers of a plugin may live until the process ends.
struct LoadedFiles {
  std::mutex mutex;
  std::list<LoadedFile> files;
};

LoadedFiles& loaded_files() {
  static auto* const kFiles = new LoadedFiles;
  return *kFiles;
}

std::string octal(mode_t mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) {
    text += static_cast<char>('0' + ((mode >> shift) & 7));
  }
  return text;
}

Status check_rights(const std::filesystem::path& path, const struct stat& found, const char* what) {
  const uid_t user = geteuid();
  if (found.st_uid != 0 && found.st_uid != user) {
    return Status(Code::permission_denied, std::string(what) +
                                               " belongs to another user: found owner " +
                                               std::to_string(found.st_uid) +
                                               ", expected root (0) or the user daymill runs as (" +
                                               std::to_string(user) + ")")
        .at(path.string())
        .next("chown it, if you trust it: loading a plugin runs its code");
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Status(Code::permission_denied,
                  std::string(what) + " can be written by others: found mode " +
                      octal(found.st_mode & 07777) +
                      ", expected no write permission for group and others")
        .at(path.string())
        .next("chmod go-w " + path.string());
  }
  return {};
}

Result<struct stat> status_of_file(const std::filesystem::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) {
    const int error = errno;
    return Status(error == EACCES ? Code::permission_denied : Code::not_found,
                  std::string("cannot look at the file: found \"") + std::strerror(error) +
                      "\", expected a plugin file")
        .at(path.string())
        .next("check the path and its permissions");
  }
  return found;
}

Status load_library(const std::filesystem::path& file, boost::dll::shared_library& handle) {
  std::error_code error;
  handle.load(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local, error);
  if (!error) {
    return {};
  }
  const char* reason = dlerror();  // the error code of Boost is always the same one
  return Status(Code::unsupported,
                std::string("cannot be loaded: found \"") +
                    (reason == nullptr ? error.message() : std::string(reason)) +
                    "\", expected a shared library with all its symbols and libraries")
      .at(file.string())
      .next("ldd -r " + file.string());
}

Result<const daymill_plugin_info*> query(const std::filesystem::path& file,
                                         const boost::dll::shared_library& handle) {
  if (!handle.has(DAYMILL_QUERY_SYMBOL)) {
    return Status(Code::unsupported, std::string("not a daymill plugin: found no function ") +
                                         DAYMILL_QUERY_SYMBOL + ", expected it to be exported")
        .at(file.string())
        .next("declare the plugin with DAYMILL_PLUGIN(...), or take the file out of the folder");
  }
  return handle.get<QueryFunction>(DAYMILL_QUERY_SYMBOL)();
}

Status start(const daymill_plugin_info& info, const daymill_host* host) {
  if (info.start == nullptr) {
    return {};
  }
  detail::Received<daymill_error> error;
  const daymill_code code = info.start(host, error.out());
  const Status status = detail::from_c(code, error);
  if (status.ok()) {
    return {};
  }
  return Status(status.code(), std::string("its start function failed: found ") +
                                   code_name(status.code()) + " \"" + status.message() +
                                   (status.where().empty() ? "" : " (" + status.where() + ")") +
                                   "\", expected OK")
      .next(status.next().empty() ? "read the plugin's documentation" : status.next());
}

Result<PluginLibrary> open_plugin(const std::filesystem::path& file,
                                  const std::shared_ptr<HostServices>& services,
                                  LoadedFile& entry) {
  DAYMILL_TRY(load_library(file, entry.handle));
  DAYMILL_ASSIGN(const daymill_plugin_info* info, query(file, entry.handle));
  Result<std::vector<PluginComponent>> components = check_plugin_table(info);
  if (!components.ok()) {
    return components.status().at(file.string());
  }
  entry.host = std::make_unique<PluginHost>(services, info->name);
  if (Status started = start(*info, entry.host->get()); !started.ok()) {
    return std::move(started).at(file.string());
  }
  PluginLibrary library{file, info->name, info->version, info->build == nullptr ? "" : info->build,
                        std::move(components).value()};
  for (PluginComponent& component : library.components) {
    component.file = file;
  }
  return library;
}

}  // namespace

Result<FileIdentity> check_plugin_file(const std::filesystem::path& file) {
  DAYMILL_ASSIGN(const struct stat found, status_of_file(file));
  if (!S_ISREG(found.st_mode)) {
    return Status(Code::invalid_argument,
                  std::string("not a regular file: found ") +
                      (S_ISDIR(found.st_mode) ? "a folder" : "a device, socket or pipe") +
                      ", expected a plugin file")
        .at(file.string())
        .next("take it out of the plugin folder");
  }
  DAYMILL_TRY(check_rights(file, found, "the file"));
  const std::filesystem::path folder = file.parent_path();
  DAYMILL_ASSIGN(const struct stat around, status_of_file(folder));
  DAYMILL_TRY(check_rights(folder, around, "the plugin folder"));
  return FileIdentity{found.st_dev, found.st_ino};
}

Result<PluginLibrary> load_plugin(const std::filesystem::path& file,
                                  const std::shared_ptr<HostServices>& services) {
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::canonical(file, error);
  if (error) {
    return Status(Code::not_found,
                  "cannot find the file: found \"" + error.message() + "\", expected a plugin file")
        .at(file.string())
        .next("check the path and its permissions");
  }
  DAYMILL_ASSIGN(const FileIdentity identity, check_plugin_file(canonical));
  LoadedFiles& loaded = loaded_files();
  const std::lock_guard<std::mutex> lock(loaded.mutex);
  for (const LoadedFile& entry : loaded.files) {
    if (entry.identity == identity) {
      return entry.outcome;
    }
  }
  LoadedFile& entry = loaded.files.emplace_back(
      LoadedFile{identity, {}, nullptr, Status(Code::internal, "is being loaded")});
  entry.outcome = open_plugin(canonical, services, entry);
  const Result<PluginLibrary> outcome = entry.outcome;
  if (!entry.handle.is_loaded()) {
    loaded.files.pop_back();  // nothing stays behind: the inode may become another file's
  }
  return outcome;
}

}  // namespace daymill
