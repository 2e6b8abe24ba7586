// daymill why: what happened to a day, in plain words
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/run_arguments.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "plan/partition_plan.hpp"

namespace daymill {

namespace {

struct WhyArguments {
  std::string pipeline;
  std::string day;
};

/// What is known of a day: by the journal, and by the evidence as far as it can be reached.
struct Explanation {
  std::string pipeline_file;
  std::string day;
  std::vector<JournalRun> runs;  // newest first
  Result<PartitionPlan> plan = Status(Code::unavailable, "not looked at");
  bool removes = false;
};

std::string quantity(std::int64_t count, const std::string& noun) {
  return grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

Result<PartitionPlan> look(Session& session, BoundPipeline& pipeline, CivilDay day) {
  DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
  DAYMILL_ASSIGN(const SnapshotStore store, session.snapshots());
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  return plan_partition(pipeline, *sink, partition, store);
}

/// The first cause with its place and advice, as the run's report kept it.
nlohmann::ordered_json cause_of(const JournalRun& run) {
  const auto report = nlohmann::ordered_json::parse(run.report_json, nullptr, false);
  if (report.is_object() && report.contains("error") && report["error"].is_object()) {
    return report["error"];
  }
  return run.error_code.empty()
             ? nlohmann::ordered_json()
             : nlohmann::ordered_json{{"code", run.error_code}, {"message", run.error_message}};
}

std::string story_of(const JournalRun& run) {
  std::string text = run.kind + " " + run.run_id + " began " + run.started_at;
  if (run.finished_at.empty()) {
    return text +
           " and never said how it ended (still at work, killed, or the machine went down); "
           "it was last " +
           run.state;
  }
  text += " and ended " + run.finished_at + " " + run.state;
  return text + (run.attempts > 1 ? " after " + quantity(run.attempts, "attempt") : "");
}

std::string split_text(const PlannedSplit& planned) {
  std::string text = planned.split.location + ": ";
  if (!planned.split.present) {
    text += "not in the source";
  } else if (planned.split.estimated_rows >= 0) {
    text += "in the source, " + quantity(planned.split.estimated_rows, "row");
  } else {
    text += "in the source";
  }
  if (!planned.receipts.empty()) {
    const Receipt& newest = planned.receipts.back();
    text += "; loaded up to generation " + std::to_string(newest.generation) + " (" +
            quantity(newest.rows_in, "row") + ", snapshot " + newest.snapshot + ")";
    text += newest.removed
                ? ", removed" + (newest.removed_at.empty() ? "" : " " + newest.removed_at)
                : ", not removed";
  }
  return text + " → " + planned.decision.reason;
}

std::vector<std::string> facts_of(const PartitionPlan& plan) {
  std::vector<std::string> facts;
  const Evidence& evidence = plan.evidence;
  if (!evidence.load.has_value()) {
    facts.emplace_back(evidence.epoch == 0
                           ? "the target holds no load of the day; nobody tried"
                           : "the target holds no load of the day; attempt " +
                                 std::to_string(evidence.epoch) + " was the last to try");
  } else {
    const Load& load = *evidence.load;
    std::string text = "loaded " + load.committed_at + " by run " + load.run_id + ": " +
                       quantity(load.rows_out, "row");
    for (const Sum& sum : load.sums) {
      text += ", " + sum.measure + " " + grouped(sum.value);
    }
    text += load.rejected > 0 ? ", " + quantity(load.rejected, "reject") : "";
    facts.push_back(text);
    facts.push_back(evidence.difference.empty() ? "the target holds just that"
                                                : "but the target differs: " + evidence.difference);
  }
  for (const PlannedSplit& planned : plan.splits) {
    facts.push_back(split_text(planned));
  }
  for (const OperatorDecision& decision : evidence.decisions) {
    facts.push_back(decision.decided_at + " " + decision.decided_by + " decided " +
                    decision.choice + " (" + decision.reason + "): " + decision.detail);
  }
  return facts;
}

bool is_settled(const PartitionPlan& plan, bool removes) {
  return plan.evidence.difference.empty() &&
         std::all_of(plan.splits.begin(), plan.splits.end(), [&](const PlannedSplit& planned) {
           const Action action = planned.decision.action;
           return action == Action::none ||
                  (!removes && action == Action::compare);  // it is read again, and nothing else
         });
}

/// By what can be seen without reading the source, or by what the last run found when it read.
bool waits_for_decision(const Explanation& known) {
  const std::string state = known.runs.empty() ? "" : known.runs.front().state;
  return (known.plan.ok() && known.plan->has(Action::decide)) ||
         state == run_state_name(RunState::needs_decision) ||
         state == run_state_name(RunState::data_loss_suspected);
}

/// What a person may rely on while the day is not done.
std::string safety_of(const Explanation& known) {
  if (!known.plan.ok()) {
    return "Source, target or snapshots cannot be looked at, so nothing can be said for sure; "
           "running the day again is safe, it only does what is missing.";
  }
  const PartitionPlan& plan = *known.plan;
  if (is_settled(plan, known.removes)) {
    return plan.evidence.load.has_value() ? "The day is done: its rows are complete."
                                          : "There is nothing to load.";
  }
  if (waits_for_decision(known)) {
    return "Nothing is changed until somebody decides: what is loaded stays, and what the source "
           "holds stays.";
  }
  if (plan.has(Action::recover)) {
    return "The source was emptied of counts that this target does not hold. They are in the "
           "snapshots, or in another target: is it the right one?";
  }
  if (!plan.evidence.load.has_value()) {
    return "Nothing is loaded and nothing is removed: the source still holds the day, and running "
           "it again is safe.";
  }
  if (!plan.evidence.difference.empty()) {
    return "Somebody changed the rows after they were loaded. Nothing is removed while they "
           "differ.";
  }
  return "What is loaded counts once; what the source still holds of it is removed only if it is "
         "still the same. Running the day again is safe.";
}

std::vector<std::string> next_of(const Explanation& known, const nlohmann::ordered_json& cause) {
  const std::string run = "daymill run " + known.pipeline_file + " --date " + known.day;
  const std::string replay = "daymill replay " + known.pipeline_file + " --date " + known.day;
  if (known.plan.ok()) {
    const PartitionPlan& plan = *known.plan;
    if (is_settled(plan, known.removes)) {
      return {};
    }
    if (!plan.evidence.difference.empty()) {
      return {replay + " --diff", replay,
              "daymill adopt " + known.pipeline_file + " " + known.day + " --reason '...'"};
    }
  }
  std::vector<std::string> next;
  if (!known.plan.ok() && !known.plan.status().next().empty()) {
    next.push_back(known.plan.status().next());
  }
  std::istringstream advice(cause.is_object() ? cause.value("next", "") : "");
  for (std::string line; std::getline(advice, line);) {
    next.push_back(line.substr(std::min(line.find_first_not_of(' '), line.size())));
  }
  if (!waits_for_decision(known) && (next.empty() || next.front() != run)) {
    next.push_back(run);
  }
  return next;
}

std::string headline(const Explanation& known) {
  if (known.plan.ok() && is_settled(*known.plan, known.removes)) {
    return known.plan->evidence.load.has_value() ? "done" : "empty";
  }
  if (waits_for_decision(known)) {
    return "needs a decision";
  }
  return known.runs.empty() ? "not run yet" : "not finished, " + known.runs.front().state;
}

void print_text(Session& session, const Explanation& known, const nlohmann::ordered_json& cause) {
  std::string text = known.day + ": " + headline(known) + "\n\nWhat happened\n";
  if (known.runs.empty()) {
    text += "  the journal knows no run of this day\n";
  }
  for (const JournalRun& run : known.runs) {
    text += "  " + story_of(run) + "\n";
  }
  if (cause.is_object()) {
    text += "First cause\n  " + cause.value("code", "") + ": " + cause.value("message", "") + "\n";
    text += cause.contains("where") ? "  at " + cause.value("where", "") + "\n" : "";
  }
  text += "What is true now\n";
  if (known.plan.ok()) {
    for (const std::string& fact : facts_of(*known.plan)) {
      text += "  " + fact + "\n";
    }
  } else {
    text += "  cannot be looked at: " + known.plan.status().to_string() + "\n";
  }
  text += "What is safe\n  " + safety_of(known) + "\n";
  const std::vector<std::string> next = next_of(known, cause);
  text += next.empty() ? "" : "Next\n";
  for (const std::string& command : next) {
    text += "  " + command + "\n";
  }
  std::fputs(session.redact(text).c_str(), stdout);
}

void print_json(Session& session, const Explanation& known, const nlohmann::ordered_json& cause) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const JournalRun& run : known.runs) {
    runs.push_back({{"run_id", run.run_id},
                    {"kind", run.kind},
                    {"state", run.state},
                    {"started_at", run.started_at},
                    {"finished_at", run.finished_at},
                    {"attempts", run.attempts}});
  }
  nlohmann::ordered_json facts = nlohmann::ordered_json::array();
  if (known.plan.ok()) {
    for (const std::string& fact : facts_of(*known.plan)) {
      facts.push_back(session.redact(fact));
    }
  }
  print_envelope(
      "why",
      {{"partition", known.day},
       {"summary", headline(known)},
       {"runs", runs},
       {"first_cause", cause},
       {"facts", facts},
       {"evidence_error", known.plan.ok() ? nlohmann::ordered_json()
                                          : to_json(session.log().redact(known.plan.status()))},
       {"safe", safety_of(known)},
       {"next", next_of(known, cause)}},
      {});
}

Result<Explanation> find_out(Session& session, const WhyArguments& arguments) {
  DAYMILL_ASSIGN(const CivilDay day, CivilDay::parse(arguments.day));
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  DAYMILL_ASSIGN(RunJournal journal, session.journal());
  Explanation known;
  known.pipeline_file = pipeline.definition.file;
  known.day = day.iso();
  known.removes = pipeline.removes();
  DAYMILL_ASSIGN(known.runs, journal.runs_of(pipeline.definition.name, known.day, 5));
  known.plan = look(session, pipeline, day);
  return known;
}

int explain(Session& session, const WhyArguments& arguments) {
  const auto known = find_out(session, arguments);
  if (!known.ok()) {
    return session.fail("why", known.status());
  }
  const auto failed = std::find_if(known->runs.begin(), known->runs.end(),
                                   [](const JournalRun& r) { return !r.error_code.empty(); });
  const bool ended_well = !known->runs.empty() && known->runs.front().error_code.empty() &&
                          !known->runs.front().finished_at.empty();
  const nlohmann::ordered_json cause =
      failed == known->runs.end() || ended_well ? nlohmann::ordered_json() : cause_of(*failed);
  session.output() == OutputFormat::json ? print_json(session, *known, cause)
                                         : print_text(session, *known, cause);
  return 0;
}

}  // namespace

void add_why_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<WhyArguments>();
  CLI::App* command =
      app.add_subcommand("why", "What happened to a day, what is safe now, and what to type next");
  add_pipeline_argument(*command, arguments->pipeline);
  command->add_option("day,--date", arguments->day, "YYYY-MM-DD")->required();
  command->callback([arguments, runner] {
    runner([arguments](Session& session) { return explain(session, *arguments); });
  });
}

}  // namespace daymill
