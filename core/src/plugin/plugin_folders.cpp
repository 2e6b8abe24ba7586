#include "plugin/plugin_folders.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

namespace daymill {

namespace {

Status bad_folder(const std::filesystem::path& folder, const char* found) {
  return Status(Code::invalid_argument, std::string("DAYMILL_PLUGIN_PATH names a folder that is ") +
                                            found +
                                            ", expected absolute folders separated by colons")
      .at(folder.string())
      .next("export DAYMILL_PLUGIN_PATH=/absolute/folder");
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

}  // namespace

Result<std::vector<std::filesystem::path>> plugin_folders(
    const std::filesystem::path& executable, std::optional<std::string_view> configured) {
  std::vector<std::filesystem::path> folders;
  std::string_view rest = configured.value_or("");
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::filesystem::path folder(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (folder.empty()) {
      continue;
    }
    if (!folder.is_absolute()) {
      return bad_folder(folder, "not absolute");
    }
    if (!is_folder(folder)) {
      return bad_folder(folder, "missing");
    }
    folders.push_back(folder);
  }
  const std::filesystem::path prefix = executable.parent_path().parent_path();
  for (const std::filesystem::path& folder : {prefix / "plugins", prefix / DAYMILL_PLUGIN_FOLDER}) {
    if (is_folder(folder)) {
      folders.push_back(folder);
    }
  }
  return folders;
}

Result<std::vector<std::filesystem::path>> default_plugin_folders() {
  std::error_code error;
  const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return Status(Code::internal, "cannot read the program's own path: " + error.message())
        .at("/proc/self/exe");
  }
  const char* configured = std::getenv("DAYMILL_PLUGIN_PATH");
  return plugin_folders(executable, configured == nullptr
                                        ? std::nullopt
                                        : std::optional<std::string_view>(configured));
}

}  // namespace daymill
