#include "certify/check.hpp"

namespace daymill {

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "FAIL";
    case Outcome::not_applicable:
      return "n/a";
    case Outcome::not_run:
      return "not run";
  }
  return "";
}

std::vector<Check> checks_for(ComponentKind kind) {
  std::vector<Check> all;
  const auto add = [&all](const std::vector<Check>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(contract_checks());
  add(lifecycle_checks());
  add(error_checks());
  switch (kind) {
    case ComponentKind::source:
      add(source_checks());
      add(order_checks());
      add(removal_checks());
      break;
    case ComponentKind::transform:
      add(transform_checks());
      break;
    case ComponentKind::sink:
      add(sink_checks());
      add(sink_crash_checks());
      break;
  }
  return all;
}

Status check_error(const std::string& doing, const Status& error) {
  if (error.code() == Code::internal) {
    return broken_promise(doing + " answered " + error.to_string() +
                          ", expected a code that says whose fault it is");
  }
  if (error.message().empty() ||
      error.message().find("failed without a message") != std::string::npos) {
    return broken_promise(doing + " answered " + code_name(error.code()) +
                          " without a message, expected what failed, found and expected");
  }
  return {};
}

}  // namespace daymill
