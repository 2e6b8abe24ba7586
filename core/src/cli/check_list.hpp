// Checks of the machine and of servers, as `doctor` and `validate --connect` show them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daymill/status.hpp"
#include "plan/bound_pipeline.hpp"

namespace daymill {

class CheckList {
 public:
  /// One check: its detail when all is well, otherwise what the status says.
  void add(const std::string& name, const Status& status, const std::string& detail = {});
  void warn(const std::string& name, const Status& status);
  /// What a plugin's check() answers.
  void add_lines(const std::string& name, const Result<std::vector<std::string>>& lines);
  /// Reaches the servers of source and sink: settings, rights, the target and its columns.
  void add_servers(const BoundPipeline& pipeline);

  /// Of the first check that failed; OK when none did.
  [[nodiscard]] const Status& failure() const { return failure_; }
  [[nodiscard]] int exit_code() const { return exit_code_; }
  /// "[OK]   name: detail", a line each.
  [[nodiscard]] std::string text() const;
  /// Keys: check, result (ok, warning, error), detail, next.
  [[nodiscard]] nlohmann::ordered_json json() const;

 private:
  struct Check {
    std::string name;
    std::string result;  // "ok", "warning" or "error"
    std::string detail;
    std::string next;
  };
  void fail(Check check, int exit_code);

  std::vector<Check> checks_;
  Status failure_;
  int exit_code_ = 0;
};

}  // namespace daymill
