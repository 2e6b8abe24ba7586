// daymill new plugin: writes a CMake project for a plugin of its own
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/embedded_file.hpp"
#include "cli/session.hpp"
#include "daymill/value.hpp"

namespace daymill {

namespace {

namespace fs = std::filesystem;

constexpr const char* kNewPlugin = "new plugin";
constexpr std::size_t kLongestName = 63;

struct Wish {
  std::string kind;
  std::string name;
  std::string folder;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "Word-Counts" gives "word_counts".
std::string suggested_name(const std::string& name) {
  std::string better;
  for (const char c : name) {
    if (is_letter(c) || (c >= '0' && c <= '9' && !better.empty())) {
      better += static_cast<char>(is_letter(c) ? c | 0x20 : c);
    } else if (!better.empty() && better.back() != '_') {
      better += '_';
    }
  }
  while (!better.empty() && better.back() == '_') {
    better.pop_back();
  }
  return better.substr(0, kLongestName);
}

Status check_name(const std::string& name) {
  // Targets that CMake has already.
  constexpr std::string_view kTaken[] = {"all",  "clean",   "daymill", "help",
                                         "test", "install", "package", "experimental"};
  const std::string better = suggested_name(name);
  if (std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken)) {
    return Status(Code::invalid_argument,
                  "a plugin cannot be called \"" + name + "\": CMake has a target of this name")
        .next("perhaps " + name + "_rows");
  }
  if (!name.empty() && name == better) {
    return {};
  }
  return Status(Code::invalid_argument,
                "a plugin cannot be called \"" + printable(name) +
                    "\", expected small letters, digits and single _, a letter first, at most " +
                    std::to_string(kLongestName) + " characters")
      .next(better.empty() ? "daymill new plugin --kind transform word_length"
                           : "perhaps " + better);
}

/// "word_counts_source" gives "WordCountsSource".
std::string class_name(const std::string& name) {
  std::string text;
  bool starts = true;
  for (const char c : name) {
    if (c == '_') {
      starts = true;
    } else {
      text += static_cast<char>(starts && is_letter(c) ? c & ~0x20 : c);
      starts = false;
    }
  }
  return text;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// In names and texts of the templates, my_plugin and MyPlugin stand for the plugin.
std::string renamed(std::string_view text, const Wish& wish) {
  return replaced(replaced(std::string(text), "my_plugin", wish.name), "MyPlugin",
                  class_name(wish.name + "_" + wish.kind));
}

Status write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? Status()
              : Status(Code::permission_denied, "cannot write the file").at(path.string());
}

Status refuse_existing(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) {
    return {};
  }
  return Status(Code::invalid_argument, "there is something of this name already")
      .at(folder.string())
      .next("name another folder by --folder");
}

Result<std::vector<std::string>> write_project(const Wish& wish, const fs::path& folder) {
  DAYMILL_TRY(check_name(wish.name));
  DAYMILL_TRY(refuse_existing(folder));
  std::vector<std::string> written;
  for (const EmbeddedFile& file : plugin_templates()) {
    const std::size_t slash = file.path.find('/');
    const std::string_view group = file.path.substr(0, slash);
    if (group != "all" && group != wish.kind) {
      continue;
    }
    std::string path = renamed(file.path.substr(slash + 1), wish);
    path = path == "gitignore" ? ".gitignore" : path;
    DAYMILL_TRY(write_file(folder / path, renamed(file.text, wish)));
    written.push_back(path);
  }
  std::sort(written.begin(), written.end());
  return written;
}

int new_plugin(Session& session, const Wish& wish) {
  const fs::path folder = wish.folder.empty() ? fs::path(wish.name) : fs::path(wish.folder);
  const auto written = write_project(wish, folder);
  if (!written.ok()) {
    return session.fail(kNewPlugin, written.status());
  }
  if (session.output() == OutputFormat::json) {
    print_envelope(kNewPlugin, {{"folder", folder.string()}, {"files", *written}}, {});
    return 0;
  }
  std::printf("%s: a %s, with its test, certification and a pipeline that uses it\n",
              folder.c_str(), wish.kind.c_str());
  for (const std::string& file : *written) {
    std::printf("  %s\n", file.c_str());
  }
  std::printf(
      "next:\n  cd %s\n  cmake -S . -B build -DCMAKE_BUILD_TYPE=Release\n  cmake --build build\n"
      "  ctest --test-dir build --output-on-failure\n",
      folder.c_str());
  return 0;
}

}  // namespace

void add_new_plugin_command(CLI::App& parent, const Runner& runner) {
  auto wish = std::make_shared<Wish>();
  CLI::App* command = parent.add_subcommand(
      "plugin", "A CMake project for a plugin, which builds, tests and certifies as it stands");
  command->add_option("--kind", wish->kind, "What it offers: source, transform or sink")
      ->required()
      ->check(CLI::IsMember({"source", "transform", "sink"}));
  command->add_option("name", wish->name, "Name of the plugin, as in \"plugin\" of pipeline files")
      ->required();
  command->add_option("--folder", wish->folder, "Where to write it; the name when left out");
  command->callback(
      [wish, runner] { runner([wish](Session& session) { return new_plugin(session, *wish); }); });
}

}  // namespace daymill
