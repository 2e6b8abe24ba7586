#include "plugin/plugin_registry.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace daymill {

namespace {

std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".so") {
      files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Status duplicate(const PluginComponent& second, const PluginComponent& first) {
  return Status(Code::conflict, std::string("two plugins offer the ") + kind_name(second.kind) +
                                    " " + second.id + ": found it in " + second.file.string() +
                                    " and before that in " + first.file.string() + ", expected one")
      .at(second.file.string())
      .next("take one of the two files out of the plugin folders");
}

}  // namespace

PluginRegistry PluginRegistry::load(const std::vector<std::filesystem::path>& folders,
                                    const std::shared_ptr<HostServices>& services) {
  PluginRegistry registry;
  registry.folders_ = folders;
  for (const std::filesystem::path& folder : folders) {
    for (const std::filesystem::path& file : plugin_files(folder)) {
      registry.add(file, services);
    }
  }
  return registry;
}

void PluginRegistry::add(const std::filesystem::path& file,
                         const std::shared_ptr<HostServices>& services) {
  Result<PluginLibrary> loaded = load_plugin(file, services);
  if (!loaded.ok()) {
    files_.push_back(PluginFile{file, loaded.status(), {}});
    return;
  }
  PluginLibrary library = std::move(loaded).value();
  const bool known = std::any_of(files_.begin(), files_.end(), [&](const PluginFile& other) {
    return other.library.file == library.file;
  });
  if (known) {
    return;
  }
  Status problem;
  for (const PluginComponent& component : library.components) {
    if (const PluginComponent* first = lookup(component.kind, component.id)) {
      problem = duplicate(component, *first);
      break;
    }
  }
  files_.push_back(PluginFile{file, std::move(problem), std::move(library)});
}

const PluginComponent* PluginRegistry::lookup(ComponentKind kind, std::string_view id) const {
  for (const PluginFile& file : files_) {
    for (const PluginComponent& component : file.library.components) {
      if (file.enabled() && component.kind == kind && component.id == id) {
        return &component;
      }
    }
  }
  return nullptr;
}

Result<const PluginComponent*> PluginRegistry::find(ComponentKind kind, std::string_view id) const {
  if (const PluginComponent* found = lookup(kind, id)) {
    return found;
  }
  for (const PluginFile& file : files_) {
    if (!file.enabled() && file.file.stem() == std::filesystem::path(id)) {
      return Status(file.problem.code(), std::string("the ") + kind_name(kind) + " " +
                                             std::string(id) +
                                             " is disabled: " + file.problem.message())
          .at(file.problem.where())
          .next(file.problem.next());
    }
  }
  std::string known;
  for (const PluginComponent* component : components()) {
    if (component->kind == kind) {
      known += (known.empty() ? "" : ", ") + component->id;
    }
  }
  return Status(Code::not_found, std::string("no plugin offers the ") + kind_name(kind) + " \"" +
                                     std::string(id) + "\", found " +
                                     (known.empty() ? "none of that kind" : known))
      .next("daymill plugins list");
}

std::vector<const PluginComponent*> PluginRegistry::components() const {
  std::vector<const PluginComponent*> found;
  for (const PluginFile& file : files_) {
    for (const PluginComponent& component : file.library.components) {
      if (file.enabled()) {
        found.push_back(&component);
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const PluginComponent* a, const PluginComponent* b) {
    return a->kind != b->kind ? a->kind < b->kind : a->id < b->id;
  });
  return found;
}

}  // namespace daymill
