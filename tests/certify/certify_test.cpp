// Every plugin of the product is certified, through the real program and on real servers.
#include <gtest/gtest.h>

#include <sstream>

#include "certify_stand.hpp"
#include "program.hpp"

namespace daymill {
namespace {

std::vector<std::string> tree_plugins() {
  std::vector<std::string> names;
  std::istringstream list(DAYMILL_TREE_PLUGINS);
  for (std::string name; std::getline(list, name, ',');) {
    names.push_back(name);
  }
  return names;
}

std::string file_of(const std::string& plugin) {
  return std::string(DAYMILL_TREE_PLUGIN_FOLDER) + "/" + plugin + ".so";
}

class CertifyTest : public testing::TestWithParam<std::string> {};

TEST_P(CertifyTest, IsCertified) {
  const auto stand = make_certify_stand(GetParam());
  ASSERT_NE(stand, nullptr) << "write a stand for plugin " << GetParam() << " in certify_stand.cpp";
  const Program program;
  const auto config = program.folder.write("certify.json", stand->config());
  const support::ProcessResult end =
      program.run({"plugins", "certify", file_of(GetParam()), "--config", config.string()});
  EXPECT_EQ(end.exit_code, 0) << end.standard_output << end.standard_error;
}

TEST_P(CertifyTest, IsPartlyCertifiedWithoutSettings) {
  const Program program;
  const auto card = program.result({"plugins", "certify", file_of(GetParam())},
                                   GetParam() == "ctr" ? 0 : 2);  // ctr needs none
  for (const auto& component : card["components"]) {
    for (const auto& check : component["checks"]) {
      EXPECT_NE(check["outcome"], "fail") << check.dump();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, CertifyTest, testing::ValuesIn(tree_plugins()),
                         [](const auto& test) { return test.param; });

TEST(CertifyCPluginTest, APluginInPlainCIsCertified) {
  const Program program;
  const std::string file = (program.folder / "lower_case.so").string();
  const support::ProcessResult built =
      support::run_process({.argv = {"cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                                     "-O2", "-shared", "-fPIC", "-I" DAYMILL_ROOT "/core/include",
                                     "-o", file, DAYMILL_ROOT "/examples/c_plugin/lower_case.c"}});
  ASSERT_EQ(built.exit_code, 0) << built.standard_error;
  const support::ProcessResult end = program.run(
      {"plugins", "certify", file, "--config", DAYMILL_ROOT "/examples/c_plugin/certify.json"});
  EXPECT_EQ(end.exit_code, 0) << end.standard_output << end.standard_error;
}

}  // namespace
}  // namespace daymill
