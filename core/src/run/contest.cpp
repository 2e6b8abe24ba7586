#include "run/contest.hpp"

#include <algorithm>

#include "observe/time_text.hpp"

namespace daymill {

Status contest(RunContext& context, Sink& sink, const std::string& location,
               const std::string& problem, std::initializer_list<Choice> possible) {
  const OperatorChoice& given = context.settings.decision;
  if (std::find(possible.begin(), possible.end(), given.choice) == possible.end()) {
    const std::string refused =
        given.choice == Choice::none
            ? ""
            : " (" + std::string(choice_name(given.choice)) + " does not settle this)";
    return Status(Code::needs_decision, problem + refused)
        .at(location)
        .next(decide_commands(context.pipeline.definition.file, context.partition.label, possible));
  }
  const OperatorDecision decision{choice_name(given.choice), given.decided_by,
                                  context.log.redact(given.reason),
                                  context.log.redact(location + ": " + problem), rfc3339_now()};
  const bool noted =
      std::any_of(context.report.decisions.begin(), context.report.decisions.end(),
                  [&](const OperatorDecision& other) { return other.detail == decision.detail; });
  if (noted) {
    return {};
  }
  const Status kept = sink.note_decision(context.partition, decision);
  if (kept.code() == Code::unsupported) {
    warn(context, "the sink keeps no decisions; this one is in the run journal only");
  } else {
    DAYMILL_TRY(kept);
    context.report.wrote_nothing = false;
  }
  context.report.decisions.push_back(decision);
  return {};
}

}  // namespace daymill
