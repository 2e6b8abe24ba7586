// Plugins that must not be used: each refusal says which file, what was found, what was expected
// and what to do; the others stay usable.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "plugin/plugin_library.hpp"
#include "plugin/plugin_registry.hpp"
#include "recording_host.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = DAYMILL_FIXTURE_PLUGINS;

std::shared_ptr<RecordingHost> host() {
  static const auto kHost = std::make_shared<RecordingHost>();
  return kHost;
}

/// "1.1": this daymill's plugin interface, or one so much newer.
std::string interface(unsigned major = 0, unsigned minor = 0) {
  return std::to_string(DAYMILL_ABI_MAJOR + major) + "." +
         std::to_string(DAYMILL_ABI_MINOR + minor);
}

struct Refusal {
  const char* fixture;
  Code code;
  std::vector<std::string> message;  // found and expected
  const char* next;
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, SaysFileFoundExpectedAndRemedy) {
  const fs::path file = kFixtures / "broken" / (std::string(GetParam().fixture) + ".so");
  ASSERT_TRUE(fs::exists(file)) << file;
  const Result<PluginLibrary> loaded = load_plugin(file, host());
  ASSERT_FALSE(loaded.ok());
  const Status status = loaded.status();
  EXPECT_EQ(status.code(), GetParam().code) << status.to_string();
  EXPECT_EQ(status.where(), file.string());
  EXPECT_NE(status.message().find("found"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("expected"), std::string::npos) << status.message();
  for (const std::string& part : GetParam().message) {
    EXPECT_NE(status.message().find(part), std::string::npos) << status.message();
  }
  EXPECT_NE(status.next().find(GetParam().next), std::string::npos) << status.next();
}

INSTANTIATE_TEST_SUITE_P(
    Broken, RefusalTest,
    testing::Values(
        Refusal{"wrong_magic",
                Code::unsupported,
                {"magic number 0x000000000000002a", "0x4c4c494d59414421"},
                "build it against"},
        Refusal{"newer_minor",
                Code::unsupported,
                {"version " + interface(0, 1), "at most " + interface()},
                "install a newer daymill"},
        Refusal{"other_major", Code::unsupported, {"version " + interface(1, 0), "1.x"}, "rebuild"},
        Refusal{"missing_symbol", Code::unsupported, {"daymill_plugin_query_v1"}, "DAYMILL_PLUGIN"},
        Refusal{"null_query", Code::internal, {"NULL"}, "author"},
        Refusal{"undefined_symbol",
                Code::unsupported,
                {"undefined symbol", "daymill_fixture_function_that_nobody_defines"},
                "ldd -r"},
        Refusal{"start_refuses",
                Code::unavailable,
                {"UNAVAILABLE", "the licence server does not answer"},
                "start the licence server"},
        Refusal{"null_slot", Code::internal, {"plain_c", "bind", "NULL"}, "author"},
        Refusal{"spec_not_json",
                Code::internal,
                {"plain_c", "summary: not JSON", "JSON object"},
                "author"}),
    [](const auto& test) { return std::string(test.param.fixture); });

void expect_refused(const fs::path& file, Code code, const std::string& where,
                    const std::string& found, const std::string& next) {
  const Status status = load_plugin(file, host()).status();
  EXPECT_EQ(status.code(), code) << status.to_string();
  EXPECT_EQ(status.where(), where);
  EXPECT_NE(status.message().find(found), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("expected"), std::string::npos) << status.message();
  EXPECT_NE(status.next().find(next), std::string::npos) << status.next();
}

TEST(PluginFileTest, RefusesWhatIsNotALibrary) {
  const support::TemporaryFolder folder("plugins");
  const fs::path file = folder.write("text.so", "this is not an ELF file");
  expect_refused(file, Code::unsupported, file, "found \"", "ldd -r");
}

TEST(PluginFileTest, RefusesWhatIsNotAFile) {
  const support::TemporaryFolder folder("plugins");
  fs::create_directory(folder / "folder.so");
  expect_refused(folder / "folder.so", Code::invalid_argument, folder / "folder.so",
                 "found a folder", "take it out");
  expect_refused(folder / "missing.so", Code::not_found, folder / "missing.so", "found \"",
                 "check the path");
}

TEST(PluginFileTest, RefusesAFileThatOthersMayWrite) {
  const support::TemporaryFolder folder("plugins");
  const fs::path file = folder / "plain_c.so";
  fs::copy_file(kFixtures / "broken" / "plain_c.so", file);
  ASSERT_EQ(chmod(file.c_str(), 0757), 0);
  expect_refused(file, Code::permission_denied, file, "found mode 0757",
                 "chmod go-w " + file.string());
  ASSERT_EQ(chmod(file.c_str(), 0775), 0);
  expect_refused(file, Code::permission_denied, file, "found mode 0775", "chmod go-w");
  ASSERT_EQ(chmod(file.c_str(), 0755), 0);
  EXPECT_TRUE(load_plugin(file, host()).ok());
}

TEST(PluginFileTest, RefusesAFolderThatOthersMayWrite) {
  const support::TemporaryFolder folder("plugins");
  const fs::path file = folder / "plain_c.so";
  fs::copy_file(kFixtures / "broken" / "plain_c.so", file);
  ASSERT_EQ(chmod(folder.path().c_str(), 0777), 0);
  expect_refused(file, Code::permission_denied, folder.path(), "found mode 0777", "chmod go-w");
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  EXPECT_TRUE(load_plugin(file, host()).ok());
}

TEST(PluginFileTest, RefusesAFileOfAnotherUser) {
  if (geteuid() != 0) {
    // Only root can give a file away; everybody else meets the files that root was given anyway.
    const support::TemporaryFolder folder("plugins");
    const fs::path file = folder / "plain_c.so";
    fs::copy_file(kFixtures / "broken" / "plain_c.so", file);
    EXPECT_TRUE(check_plugin_file(file).ok());
    return;
  }
  const support::TemporaryFolder folder("plugins");
  const fs::path file = folder / "plain_c.so";
  fs::copy_file(kFixtures / "broken" / "plain_c.so", file);
  ASSERT_EQ(chown(file.c_str(), 12345, 12345), 0);
  expect_refused(file, Code::permission_denied, file, "found owner 12345", "chown");
}

TEST(PluginLibraryTest, CallsStartOnceHoweverOftenItIsLoaded) {
  const fs::path file = kFixtures / "broken" / "start_refuses.so";
  EXPECT_FALSE(load_plugin(file, host()).ok());
  EXPECT_FALSE(load_plugin(file, host()).ok());
  const std::vector<std::string> lines = host()->lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "2 plain_c: start"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "2 plain_c: again"), 0);
}

TEST(PluginRegistryTest, KeepsBrokenPluginsListedAndOthersUsable) {
  const PluginRegistry registry =
      PluginRegistry::load({kFixtures / "broken", kFixtures / "good"}, host());
  std::size_t enabled = 0;
  for (const PluginFile& file : registry.files()) {
    enabled += file.enabled() ? 1 : 0;
  }
  EXPECT_EQ(registry.files().size(), 12u);
  EXPECT_EQ(enabled, 3u);  // plain_c, numbers, throwing
  EXPECT_TRUE(registry.find(ComponentKind::source, "numbers").ok());
  EXPECT_TRUE(registry.find(ComponentKind::transform, "plain_c").ok());

  const Status disabled = registry.find(ComponentKind::source, "newer_minor").status();
  EXPECT_EQ(disabled.code(), Code::unsupported);
  EXPECT_NE(disabled.message().find("the source newer_minor is disabled"), std::string::npos);
  EXPECT_NE(disabled.message().find("at most " + interface()), std::string::npos);
  EXPECT_EQ(disabled.where(), (kFixtures / "broken" / "newer_minor.so").string());

  const Status missing = registry.find(ComponentKind::sink, "nowhere").status();
  EXPECT_EQ(missing.code(), Code::not_found);
  EXPECT_NE(missing.message().find("memory, throwing"), std::string::npos) << missing.message();
  EXPECT_EQ(missing.next(), "daymill plugins list");
}

TEST(PluginRegistryTest, DisablesTheSecondOfTwoFilesWithOneId) {
  const PluginRegistry registry =
      PluginRegistry::load({kFixtures / "good", kFixtures / "duplicate"}, host());
  const fs::path first = kFixtures / "good" / "numbers.so";
  const fs::path second = kFixtures / "duplicate" / "numbers_again.so";
  ASSERT_EQ(registry.files().size(), 3u);
  const PluginFile& file = registry.files()[2];
  EXPECT_FALSE(file.enabled());
  EXPECT_EQ(file.problem.where(), second.string());
  EXPECT_NE(file.problem.message().find(first.string()), std::string::npos);
  EXPECT_NE(file.problem.message().find(second.string()), std::string::npos);
  EXPECT_EQ(file.problem.next(), "take one of the two files out of the plugin folders");
  ASSERT_TRUE(registry.find(ComponentKind::source, "numbers").ok());
  EXPECT_EQ(registry.find(ComponentKind::source, "numbers").value()->file, first);
}

TEST(PluginRegistryTest, CountsAFileOnceWhateverPathLeadsToIt) {
  const support::TemporaryFolder folder("plugins");
  fs::create_symlink(kFixtures / "good" / "numbers.so", folder / "numbers.so");
  const PluginRegistry registry = PluginRegistry::load(
      {kFixtures / "good", folder.path(), kFixtures / "good", "/nonexistent"}, host());
  EXPECT_EQ(registry.files().size(), 2u);
  for (const PluginFile& file : registry.files()) {
    EXPECT_TRUE(file.enabled()) << file.problem.to_string();
  }
}

}  // namespace
}  // namespace daymill
