#include "cli/check_list.hpp"

namespace daymill {

void CheckList::fail(Check check, int code) {
  if (failure_.ok()) {
    exit_code_ = code == 0 ? 1 : code;
    failure_ = Status(Code::unavailable, check.name + ": " + check.detail);
  }
  checks_.push_back(std::move(check));
}

void CheckList::add(const std::string& name, const Status& status, const std::string& detail) {
  if (status.ok()) {
    checks_.push_back({name, "ok", detail, ""});
    return;
  }
  const std::string where = status.where().empty() ? "" : " (" + status.where() + ")";
  fail({name, "error", status.message() + where, status.next()}, daymill::exit_code(status.code()));
}

void CheckList::warn(const std::string& name, const Status& status) {
  checks_.push_back({name, "warning", status.message(), status.next()});
}

void CheckList::add_lines(const std::string& name, const Result<std::vector<std::string>>& lines) {
  add(name, lines.status(), "reachable");
  if (!lines.ok()) {
    return;
  }
  for (const std::string& line : *lines) {
    const std::string rest = line.substr(line.find(' ') + 1);
    if (line.rfind("error: ", 0) == 0) {
      fail({name, "error", rest, ""}, daymill::exit_code(Code::unavailable));
    } else if (line.rfind("warning: ", 0) == 0) {
      checks_.push_back({name, "warning", rest, ""});
    } else {
      checks_.push_back({name, "ok", line, ""});
    }
  }
}

void CheckList::add_servers(const BoundPipeline& pipeline) {
  add_lines("source " + pipeline.definition.source.plugin, pipeline.source->check());
  const std::string name = "sink " + pipeline.definition.sink.plugin;
  const auto sink = pipeline.make_sink();
  if (!sink.ok()) {
    add(name, sink.status());
    return;
  }
  const auto lines = (*sink)->check();
  add_lines(name, lines);
  if (lines.ok()) {
    add(name + " target", (*sink)->bind(pipeline.out_schema, pipeline.definition.name));
  }
}

std::string CheckList::text() const {
  std::string text;
  for (const Check& check : checks_) {
    text += check.result == "ok" ? "[OK]  " : check.result == "warning" ? "[WARN]" : "[FAIL]";
    text += " " + check.name + (check.detail.empty() ? "" : ": " + check.detail) + "\n";
    if (!check.next.empty()) {
      text += "       next  " + check.next + "\n";
    }
  }
  return text;
}

nlohmann::ordered_json CheckList::json() const {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Check& check : checks_) {
    json.push_back({{"check", check.name},
                    {"result", check.result},
                    {"detail", check.detail},
                    {"next", check.next}});
  }
  return json;
}

}  // namespace daymill
