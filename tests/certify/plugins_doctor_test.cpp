// daymill plugins doctor: each file of the plugin folders, what is wrong with it and what to do.
#include <gtest/gtest.h>

#include <filesystem>

#include "program.hpp"

namespace daymill {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = DAYMILL_FIXTURE_PLUGINS;

/// A daymill whose plugin folders hold nothing but what a test puts there.
class PluginsDoctorTest : public testing::Test {
 protected:
  PluginsDoctorTest() {
    fs::create_directories(folder_);
    program_.environment = {{"DAYMILL_PLUGIN_PATH", folder_.string()}};
  }
  fs::path put(const fs::path& fixture) {
    const fs::path file = folder_ / fixture.filename();
    fs::copy_file(kFixtures / fixture, file);
    return file;
  }
  /// What the doctor says of `file`, which is broken or not.
  nlohmann::json examine(const fs::path& file, int exit_code) {
    const auto result = program_.result({"plugins", "doctor"}, exit_code);
    for (const auto& plugin : result["plugins"]) {
      if (plugin["file"] == file.string()) {
        return plugin;
      }
    }
    ADD_FAILURE() << file << " is missing in " << result.dump(2);
    return {};
  }
  void expect_broken(const fs::path& file, int exit_code, const std::string& message,
                     const std::string& next) {
    const auto plugin = examine(file, exit_code);
    EXPECT_EQ(plugin["ok"], false);
    const std::string error = plugin["error"].dump();
    EXPECT_NE(error.find(message), std::string::npos) << error;
    EXPECT_NE(error.find(next), std::string::npos) << error;
  }

  Program program_;
  fs::path folder_ = program_.folder / "plugins";
};

TEST_F(PluginsDoctorTest, AllIsWell) {
  const fs::path file = put("good/numbers.so");
  const auto plugin = examine(file, 0);
  EXPECT_EQ(plugin["ok"], true);
  EXPECT_NE(plugin["components"].dump().find("source numbers"), std::string::npos);
  const auto text = program_.run({"plugins", "doctor"});
  EXPECT_EQ(text.exit_code, 0) << text.standard_output;
  EXPECT_NE(text.standard_output.find("ok     " + file.string()), std::string::npos)
      << text.standard_output;
}

TEST_F(PluginsDoctorTest, NotASharedLibrary) {
  const fs::path file = program_.folder.write("plugins/text.so", "#!/bin/sh\n");
  expect_broken(file, 2, "not a shared library", "take it out of the plugin folder");
}

TEST_F(PluginsDoctorTest, NotAPlugin) {
  expect_broken(put("broken/missing_symbol.so"), 2, "daymill_plugin_query_v1", "DAYMILL_PLUGIN");
}

TEST_F(PluginsDoctorTest, AMissingLibraryIsNamed) {
  const std::string folder = program_.folder.path().string();
  program_.folder.write("a.c", "int a(void) { return 1; }");
  program_.folder.write("b.c", "int a(void); int b(void) { return a(); }");
  for (const std::string& command :
       {"cc -shared -fPIC -o " + folder + "/libgone.so " + folder + "/a.c",
        "cc -shared -fPIC -o " + folder + "/plugins/needs.so " + folder + "/b.c " + folder +
            "/libgone.so -Wl,-soname,needs.so",
        "rm " + folder + "/libgone.so && chmod go-w " + folder + "/plugins/needs.so"}) {
    ASSERT_EQ(support::run_process({.argv = {"sh", "-c", command}}).exit_code, 0) << command;
  }
  expect_broken(folder_ / "needs.so", 2, "libgone.so, which is not installed",
                "install the package");
}

TEST_F(PluginsDoctorTest, AnotherVersionOfTheInterface) {
  expect_broken(put("broken/newer_minor.so"), 2, "newer plugin interface",
                "install a newer daymill");
}

TEST_F(PluginsDoctorTest, AFileThatOthersMayWrite) {
  const fs::path file = put("good/numbers.so");
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  expect_broken(file, 3, "can be written by others", "chmod go-w");
}

TEST_F(PluginsDoctorTest, TheSameComponentTwice) {
  put("good/numbers.so");
  expect_broken(put("duplicate/numbers_again.so"), 2, "numbers.so already",
                "take one of the two files");
}

TEST_F(PluginsDoctorTest, OneThatCrashesWhileItIsLoaded) {
  expect_broken(put("crashes/crashes.so"), 2, "loading it crashed: signal 11",
                "take it out of the plugin folder");
}

TEST_F(PluginsDoctorTest, OneThatHangsWhileItIsLoaded) {
  expect_broken(put("hangs/hangs.so"), 3, "loading it hung", "take it out of the plugin folder");
}

}  // namespace
}  // namespace daymill
