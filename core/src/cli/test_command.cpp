// daymill test: the tests that stand beside pipelines
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/junit.hpp"
#include "cli/pipeline_test.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"

namespace daymill {

namespace {

constexpr char kSuffix[] = ".test.json";

struct TestOptions {
  std::vector<std::string> paths;
  std::string junit;
};

bool is_test_file(const std::filesystem::path& path) {
  return path.filename().string().ends_with(kSuffix);
}

/// Test files at a path: the file itself, those below a folder, or the one beside a pipeline.
Result<std::vector<std::string>> test_files(const std::string& path) {
  std::error_code error;
  if (is_test_file(path)) {
    return std::vector<std::string>{path};
  }
  std::vector<std::string> files;
  if (std::filesystem::is_directory(path, error)) {
    files = Session::json_files_in(path);
    std::erase_if(files, [](const std::string& file) { return !is_test_file(file); });
    if (files.empty()) {
      return Status(Code::invalid_argument, "there is no test (*.test.json) below " + path);
    }
    return files;
  }
  std::filesystem::path beside = Session::file_of(path);
  beside.replace_extension(kSuffix);
  if (!std::filesystem::exists(beside, error)) {
    return Status(Code::invalid_argument, "there is no test " + beside.string())
        .next("write it as docs/pipeline_format.md says, or name a folder of tests");
  }
  return std::vector<std::string>{beside.string()};
}

/// The variables of a test file, then those of the environment.
VariableLookup lookup_for(const PipelineTestFile& tests) {
  VariableLookup lookup = environment_variables();
  lookup.variable = [of_tests = tests.variables, environment = lookup.variable](
                        const std::string& name) -> std::optional<std::string> {
    const auto found = of_tests.find(name);
    return found != of_tests.end() ? std::optional(found->second) : environment(name);
  };
  return lookup;
}

class TestRun {
 public:
  TestRun(Session& session, const TestOptions& options) : session_(session), options_(options) {}

  int run() {
    const Status status = run_all();
    if (!status.ok()) {
      return session_.fail("test", status);
    }
    const auto failed = std::count_if(results_.begin(), results_.end(),
                                      [](const auto& result) { return !result.failure.empty(); });
    Status failure;
    if (failed != 0) {
      failure = Status(Code::invalid_data, std::to_string(failed) + " of " +
                                               std::to_string(results_.size()) + " tests failed");
    }
    if (session_.output() == OutputFormat::json) {
      print_envelope("test", {{"tests", json()}}, failure);
    } else {
      std::printf("%zu %s, %zd failed\n", results_.size(), results_.size() == 1 ? "test" : "tests",
                  static_cast<ssize_t>(failed));
    }
    return exit_code(failure.code());
  }

 private:
  Status run_all() {
    for (const std::string& path : options_.paths) {
      DAYMILL_ASSIGN(const std::vector<std::string> files, test_files(path));
      for (const std::string& file : files) {
        DAYMILL_TRY(run_file(file));
      }
    }
    if (options_.junit.empty()) {
      return {};
    }
    std::ofstream stream(options_.junit, std::ios::binary | std::ios::trunc);
    stream << junit_xml(results_);
    stream.close();
    return stream ? Status()
                  : Status(Code::permission_denied, "cannot write the results").at(options_.junit);
  }

  Status run_file(const std::string& file) {
    const PipelineTestFile tests = load_pipeline_test(file);
    if (!tests.findings.empty()) {
      std::fputs(to_text(tests.findings).c_str(), stderr);
      return Status(Code::invalid_config, "the test file has errors").at(file);
    }
    DAYMILL_ASSIGN(CheckedPipeline checked, session_.check(tests.pipeline, lookup_for(tests)));
    if (!checked.ok()) {
      std::fputs(session_.redact(to_text(checked.findings)).c_str(), stderr);
      return Status(checked.first_problem, "the pipeline has errors")
          .at(checked.file)
          .next("daymill validate " + tests.pipeline);
    }
    for (const PipelineTestCase& test : tests.cases) {
      const auto begin = std::chrono::steady_clock::now();
      TestResult result{file, test.name, run_pipeline_test(checked.pipeline, test)};
      result.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (session_.output() == OutputFormat::text) {
        std::printf("%s  %s: %s\n%s", result.failure.empty() ? "ok  " : "FAIL", file.c_str(),
                    test.name.c_str(), session_.redact(result.failure).c_str());
      }
      results_.push_back(std::move(result));
    }
    return {};
  }

  [[nodiscard]] nlohmann::ordered_json json() const {
    nlohmann::ordered_json tests = nlohmann::ordered_json::array();
    for (const TestResult& result : results_) {
      tests.push_back({{"file", result.suite},
                       {"name", result.name},
                       {"ok", result.failure.empty()},
                       {"difference", session_.redact(result.failure)}});
    }
    return tests;
  }

  Session& session_;
  const TestOptions& options_;
  std::vector<TestResult> results_;
};

}  // namespace

void add_test_command(CLI::App& app, const Runner& runner) {
  auto options = std::make_shared<TestOptions>();
  options->paths = {"pipelines"};
  CLI::App* command = app.add_subcommand(
      "test", "Run the tests beside pipelines: rows in, expected rows and rejects out; no server");
  command->add_option("paths", options->paths,
                      "Pipelines, test files (NAME.test.json), or folders of them; by default "
                      "./pipelines");
  command->add_option("--junit", options->junit, "Write the results into this file, as JUnit XML");
  command->callback([options, runner] {
    runner([options](Session& session) { return TestRun(session, *options).run(); });
  });
}

}  // namespace daymill
