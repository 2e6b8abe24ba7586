#include "plugin/plugin_folders.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

namespace fs = std::filesystem;

TEST(PluginFoldersTest, FindsABuildTreeAndAnInstallation) {
  const support::TemporaryFolder folder("folders");
  const fs::path program = folder / "bin" / fs::path("daymill");
  EXPECT_TRUE(plugin_folders(program, std::nullopt).value().empty());
  fs::create_directories(folder / "plugins");
  fs::create_directories(folder.path() / DAYMILL_PLUGIN_FOLDER);
  EXPECT_EQ(plugin_folders(program, std::nullopt).value(),
            (std::vector<fs::path>{folder / "plugins", folder.path() / DAYMILL_PLUGIN_FOLDER}));
}

TEST(PluginFoldersTest, ConfiguredFoldersComeFirst) {
  const support::TemporaryFolder folder("folders");
  fs::create_directories(folder / "plugins");
  fs::create_directories(folder / "own");
  const std::string path = (folder / "own").string() + "::/tmp";
  EXPECT_EQ(plugin_folders(folder / "bin/daymill", path).value(),
            (std::vector<fs::path>{folder / "own", "/tmp", folder / "plugins"}));
}

TEST(PluginFoldersTest, RefusesRelativeAndMissingFolders) {
  for (const char* path : {"plugins", "/tmp:.", "/nonexistent/plugins"}) {
    const Status status = plugin_folders("/usr/bin/daymill", path).status();
    EXPECT_EQ(status.code(), Code::invalid_argument) << path;
    EXPECT_NE(status.message().find("DAYMILL_PLUGIN_PATH"), std::string::npos);
  }
}

}  // namespace
}  // namespace daymill
