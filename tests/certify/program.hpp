// Running the real daymill, for the tests of what plugin authors use.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {

/// A daymill with a home of its own.
class Program {
 public:
  [[nodiscard]] support::ProcessResult run(std::vector<std::string> arguments) const {
    support::ProcessOptions options;
    options.argv = {DAYMILL_PROGRAM};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.environment = environment;
    options.environment.emplace_back("DAYMILL_HOME", (folder / "home").string());
    options.folder = folder.path();
    options.timeout = std::chrono::minutes(9);
    return support::run_process(options);
  }
  /// The same with --output json; "result" of the envelope.
  [[nodiscard]] nlohmann::json result(std::vector<std::string> arguments, int exit_code) const {
    arguments.insert(arguments.end(), {"--output", "json"});
    const support::ProcessResult end = run(std::move(arguments));
    EXPECT_EQ(end.exit_code, exit_code) << end.standard_output << end.standard_error;
    const auto json = nlohmann::json::parse(end.standard_output, nullptr, false);
    return json.is_object() ? json["result"] : nlohmann::json();
  }

  support::TemporaryFolder folder{"program"};
  std::vector<std::pair<std::string, std::string>> environment{};
};

/// "transform.batch_cutting" to "fail", of the component "transform drops_rows".
inline std::map<std::string, std::string> outcomes(const nlohmann::json& card,
                                                   const std::string& component) {
  std::map<std::string, std::string> found;
  for (const auto& one : card["components"]) {
    if (one["kind"].get<std::string>() + " " + one["id"].get<std::string>() == component) {
      for (const auto& check : one["checks"]) {
        found[check["name"]] = check["outcome"];
      }
    }
  }
  return found;
}

}  // namespace daymill
