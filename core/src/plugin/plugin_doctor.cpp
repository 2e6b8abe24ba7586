#include "plugin/plugin_doctor.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "plugin/isolated_call.hpp"
#include "plugin/plugin_library.hpp"

namespace daymill {

namespace {

using Json = nlohmann::json;

class SilentHost final : public HostServices {
 public:
  void log(std::int32_t /*level*/, std::string_view /*plugin*/,
           std::string_view /*message*/) override {}
  [[nodiscard]] bool stop_requested() const override { return false; }
};

Json to_json(const Result<PluginLibrary>& library) {
  if (!library.ok()) {
    const Status& status = library.status();
    return {{"code", static_cast<int>(status.code())},
            {"message", status.message()},
            {"where", status.where()},
            {"next", status.next()}};
  }
  Json components = Json::array();
  for (const PluginComponent& component : library->components) {
    components.push_back(std::string(kind_name(component.kind)) + " " + component.id);
  }
  return {{"version", library->version}, {"components", components}};
}

bool begins_as_elf(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 4> start{};
  stream.read(start.data(), start.size());
  return !stream.is_open() || std::string_view(start.data(), start.size()) == "\177ELF";
}

/// The loader's words, made into what to do.
Status advised(const std::filesystem::path& file, const Status& problem) {
  const std::string& message = problem.message();
  if (!begins_as_elf(file)) {
    return Status(Code::unsupported,
                  "not a shared library: found a file of another kind, expected ELF")
        .at(file.string())
        .next("take it out of the plugin folder");
  }
  constexpr std::string_view kMissing = ": cannot open shared object file";
  const std::size_t end = message.find(kMissing);
  const std::size_t start = message.rfind('"', end);
  if (end != std::string::npos && start != std::string::npos) {
    const std::string library = message.substr(start + 1, end - start - 1);
    return Status(Code::unsupported, "it needs the library " + library + ", which is not installed")
        .at(file.string())
        .next("install the package that has " + library + ", or set LD_LIBRARY_PATH to its folder");
  }
  return problem;
}

PluginHealth examine(const std::filesystem::path& file, std::chrono::milliseconds time_limit) {
  PluginHealth health;
  health.file = file;
  const IsolatedEnd end = call_isolated(
      [&] {
        return to_json(load_plugin(file, std::make_shared<SilentHost>()))
            .dump(-1, ' ', false, Json::error_handler_t::replace);
      },
      time_limit);
  if (!end.returned) {
    health.problem =
        Status(end.timed_out ? Code::timeout : Code::internal, "loading it " + end.failure())
            .at(file.string())
            .next(
                "take it out of the plugin folder and report it to its author: no command of "
                "daymill works as long as it is there");
    return health;
  }
  const Json answer = Json::parse(end.answer);
  if (answer.contains("code")) {
    health.problem = advised(file, Status(static_cast<Code>(answer["code"].get<int>()),
                                          answer["message"].get<std::string>())
                                       .at(answer["where"].get<std::string>())
                                       .next(answer["next"].get<std::string>()));
    return health;
  }
  health.version = answer["version"];
  health.components = answer["components"].get<std::vector<std::string>>();
  return health;
}

std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder,
                                                std::error_code& error) {
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".so") {
      files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<PluginHealth> examine_plugins(const std::vector<std::filesystem::path>& folders,
                                          std::chrono::milliseconds time_limit) {
  std::vector<PluginHealth> all;
  std::map<std::string, std::filesystem::path> owners;  // of components
  for (const std::filesystem::path& folder : folders) {
    std::error_code error;
    for (const std::filesystem::path& file : plugin_files(folder, error)) {
      PluginHealth health = examine(file, time_limit);
      for (const std::string& component : health.components) {
        const auto [owner, is_first] = owners.emplace(component, file);
        std::error_code ignored;
        if (!is_first && !std::filesystem::equivalent(owner->second, file, ignored)) {
          health.problem = Status(Code::conflict, "the " + component + " is offered by " +
                                                      owner->second.string() + " already")
                               .at(file.string())
                               .next("take one of the two files out of the plugin folders");
        }
      }
      all.push_back(std::move(health));
    }
    if (error) {
      all.push_back(
          {folder,
           {},
           {},
           Status(Code::permission_denied, "the plugin folder cannot be read: " + error.message())
               .at(folder.string())
               .next("check its owner and mode")});
    }
  }
  return all;
}

}  // namespace daymill
