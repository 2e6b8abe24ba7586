// One check of the certification: a name, when it applies, and the function that does it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "certify/subject.hpp"

namespace daymill {

enum class Outcome { pass, fail, not_applicable, not_run };

/// "pass", "FAIL", "n/a", "not run".
const char* outcome_name(Outcome outcome);

/// What became of one check. A Status converts to it, so that DAYMILL_TRY and DAYMILL_ASSIGN work
/// in checks: OK is a pass, anything else a failure with its text.
struct CheckResult {
  Outcome outcome = Outcome::pass;
  std::string why;  ///< empty for a pass that needs no word

  CheckResult() = default;
  CheckResult(Outcome how, std::string reason) : outcome(how), why(std::move(reason)) {}
  CheckResult(const Status& status)  // NOLINT(google-explicit-constructor): see above
      : outcome(status.ok() ? Outcome::pass : Outcome::fail),
        why(status.code() == Code::internal ? status.message()
            : status.ok()                   ? ""
                                            : status.to_string()) {}
};

/// With which settings a check can be run.
enum class Needs {
  nothing,   ///< whatever they are
  examples,  ///< the defaults and examples of the spec will do, if they make a component
  settings,  ///< the user's
};

struct Check {
  const char* name;     ///< "transform.batch_cutting"
  const char* promise;  ///< what a pass proves, one line for people
  Needs with;
  std::uint32_t capabilities;                  ///< capability bits without which it does not apply
  CheckResult (*run)(const Subject& subject);  ///< in a process of its own
};

std::vector<Check> contract_checks();
std::vector<Check> lifecycle_checks();
std::vector<Check> error_checks();
std::vector<Check> source_checks();
std::vector<Check> order_checks();
std::vector<Check> removal_checks();
std::vector<Check> transform_checks();
std::vector<Check> sink_checks();
std::vector<Check> sink_crash_checks();

/// All checks for components of this kind, in the order in which they are run.
std::vector<Check> checks_for(ComponentKind kind);

/// A failure with found and expected.
inline Status broken_promise(std::string what) {
  return Status(Code::internal, std::move(what));
}

/// Is `error` one that people can use: a code of the list but not INTERNAL, and a message?
Status check_error(const std::string& doing, const Status& error);

}  // namespace daymill
