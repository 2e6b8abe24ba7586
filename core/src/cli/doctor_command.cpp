// daymill doctor: is everything there that a run needs?
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"

namespace daymill {

namespace {

struct Check {
  std::string name;
  std::string result;  // "ok", "warning" or "error"
  std::string detail;
  std::string next;
  int exit_code = 0;
};

class Doctor {
 public:
  explicit Doctor(Session& session) : session_(session) {}

  void examine_program() {
    const auto home = session_.home();
    add("home", home.status(), home.ok() ? home->string() : "");
    if (home.ok()) {
      const bool writable = ::access(home->c_str(), W_OK) == 0;
      add("home writable",
          writable ? Status() : Status(Code::permission_denied, "cannot write").at(home->string()),
          "");
    }
    const auto journal = session_.journal();
    add("run journal", journal.status(), "");
    const auto registry = session_.plugins();
    add("plugin folders", registry.status(),
        registry.ok() ? folders_text((*registry)->folders()) : "");
    if (registry.ok()) {
      add("plugins",
          (*registry)->components().empty() ? Status(Code::not_found, "no plugin is installed")
                                            : Status(),
          std::to_string((*registry)->components().size()) + " components");
      for (const PluginFile& file : (*registry)->files()) {
        if (!file.enabled()) {
          checks_.push_back(Check{"plugin " + file.file.filename().string(), "warning",
                                  file.problem.message(), file.problem.next(), 0});
        }
      }
    }
  }

  void examine_pipeline(const std::string& file) {
    auto pipeline = session_.bind(file);
    add("pipeline", pipeline.status(), pipeline.ok() ? pipeline->delivery_guarantee() : "");
    if (!pipeline.ok()) {
      return;
    }
    add_lines("source " + pipeline->definition.source.plugin, pipeline->source->check());
    const auto sink = pipeline->make_sink();
    if (!sink.ok()) {
      add("sink " + pipeline->definition.sink.plugin, sink.status(), "");
      return;
    }
    const std::string name = "sink " + pipeline->definition.sink.plugin;
    const auto lines = (*sink)->check();
    add_lines(name, lines);
    if (lines.ok()) {
      add(name + " target", (*sink)->bind(pipeline->out_schema, pipeline->definition.name), "");
    }
  }

  int report() {
    int code = 0;
    Status failure;
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const Check& check : checks_) {
      if (check.result == "error" && code == 0) {
        code = check.exit_code == 0 ? 1 : check.exit_code;
        failure = Status(Code::unavailable, check.name + ": " + check.detail);
      }
      json.push_back({{"check", check.name},
                      {"result", check.result},
                      {"detail", check.detail},
                      {"next", check.next}});
    }
    if (session_.output() == OutputFormat::json) {
      print_envelope("doctor", {{"checks", json}}, failure);
      return code;
    }
    for (const Check& check : checks_) {
      const char* mark = check.result == "ok"        ? "[OK]  "
                         : check.result == "warning" ? "[WARN]"
                                                     : "[FAIL]";
      std::printf("%s %s%s\n", mark, check.name.c_str(),
                  session_.redact(check.detail.empty() ? "" : ": " + check.detail).c_str());
      if (!check.next.empty()) {
        std::printf("       next  %s\n", session_.redact(check.next).c_str());
      }
    }
    return code;
  }

 private:
  static std::string folders_text(const std::vector<std::filesystem::path>& folders) {
    std::string text;
    for (const auto& folder : folders) {
      text += (text.empty() ? "" : ", ") + folder.string();
    }
    return text;
  }

  void add(const std::string& name, const Status& status, const std::string& detail) {
    const std::string where = status.where().empty() ? "" : " (" + status.where() + ")";
    checks_.push_back(status.ok() ? Check{name, "ok", detail, "", 0}
                                  : Check{name, "error", status.message() + where, status.next(),
                                          exit_code(status.code())});
  }

  void add_lines(const std::string& name, const Result<std::vector<std::string>>& lines) {
    add(name, lines.status(), "reachable");
    if (!lines.ok()) {
      return;
    }
    for (const std::string& line : *lines) {
      const bool warning = line.rfind("warning: ", 0) == 0;
      const bool error = line.rfind("error: ", 0) == 0;
      checks_.push_back(Check{name,
                              error     ? "error"
                              : warning ? "warning"
                                        : "ok",
                              error || warning ? line.substr(line.find(' ') + 1) : line, "",
                              error ? 3 : 0});
    }
  }

  Session& session_;
  std::vector<Check> checks_;
};

}  // namespace

void add_doctor_command(CLI::App& app, const Runner& runner) {
  auto pipeline = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Check folders and plugins, and with a pipeline also its servers, rights and settings");
  command->add_option("pipeline", *pipeline, "Pipeline file, or the name of one in ./pipelines");
  command->callback([pipeline, runner] {
    runner([pipeline](Session& session) {
      Doctor doctor(session);
      doctor.examine_program();
      if (!pipeline->empty()) {
        doctor.examine_pipeline(*pipeline);
      }
      return doctor.report();
    });
  });
}

}  // namespace daymill
