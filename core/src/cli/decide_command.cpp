// daymill decide, daymill adopt: a person settles a day
#include <pwd.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cstdlib>
#include <memory>

#include "cli/commands.hpp"
#include "cli/day_batch.hpp"
#include "cli/run_arguments.hpp"
#include "schedule/day_window.hpp"

namespace daymill {

namespace {

struct DecideArguments {
  std::string pipeline;
  std::string day;
  std::string reason;
  bool as_new = false;
  bool replace = false;
  bool discard = false;
};

/// "user@host"; behind sudo, who called it.
std::string who() {
  const char* behind = std::getenv("SUDO_USER");
  const passwd* account = ::getpwuid(::geteuid());
  std::string user = behind != nullptr && *behind != '\0' ? behind
                     : account != nullptr                 ? account->pw_name
                                                          : std::to_string(::geteuid());
  std::array<char, 256> host{};
  return user + "@" + (::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "unknown");
}

Result<Choice> choice_of(const DecideArguments& arguments) {
  if (arguments.as_new + arguments.replace + arguments.discard != 1) {
    return Status(Code::invalid_argument, "expected exactly one of --as-new, --replace, --discard")
        .next("daymill why " + arguments.pipeline + " " + arguments.day +
              " shows what is to be decided");
  }
  return arguments.as_new ? Choice::as_new : arguments.replace ? Choice::replace : Choice::discard;
}

/// A day that is not over is nobody's to settle. One without a question is run like any other.
Status carry_out(Session& session, const DecideArguments& arguments, DayBatch& batch) {
  DAYMILL_ASSIGN(const CivilDay day, CivilDay::parse(arguments.day));
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  const PartitionDefinition& partition = pipeline.definition.partition;
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(partition.timezone));
  DAYMILL_TRY(require_closed(day, zone, partition.closed_after, current_instant()));
  return batch.run(pipeline, {PendingDay{day, RunKind::run, "decided"}});
}

int settle(Session& session, const std::string& command, const DecideArguments& arguments,
           const Result<Choice>& choice) {
  if (!choice.ok()) {
    return session.fail(command, choice.status());
  }
  if (arguments.reason.find_first_not_of(" \t\n") == std::string::npos) {
    return session.fail(command,
                        Status(Code::invalid_argument, "--reason is empty; it is kept for others"));
  }
  RunSettings settings;
  settings.decision = OperatorChoice{*choice, who(), arguments.reason};
  DayBatch batch(session, command, settings);
  if (const Status status = carry_out(session, arguments, batch); !status.ok()) {
    return session.fail(command, status);
  }
  for (const RunReport& report : batch.reports()) {
    if (report.failure.ok() && report.decisions.empty()) {
      session.log().write(LogLevel::warning, "engine",
                          report.partition + " needed no decision; it was run as usual");
    }
  }
  return batch.finish();
}

void add_decide_arguments(CLI::App& command, DecideArguments& arguments) {
  add_pipeline_argument(command, arguments.pipeline);
  command.add_option("day,--date", arguments.day, "YYYY-MM-DD")->required();
  command.add_option("--reason", arguments.reason, "Why; kept with the decision and who made it")
      ->required();
}

}  // namespace

void add_decide_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<DecideArguments>();
  CLI::App* command =
      app.add_subcommand("decide", "Settle a day that needs a decision, then finish it");
  add_decide_arguments(*command, *arguments);
  command->add_flag("--as-new", arguments->as_new,
                    "Count what the source holds now beside what is loaded");
  command->add_flag("--replace", arguments->replace,
                    "What the source holds now stands for what is loaded");
  command->add_flag("--discard", arguments->discard,
                    "Remove what the source holds now without counting it; a copy is kept");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return settle(session, "decide", *arguments, choice_of(*arguments));
    });
  });
}

void add_adopt_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<DecideArguments>();
  CLI::App* command = app.add_subcommand(
      "adopt", "Take over the rows of a day as they are, whatever loaded or corrected them");
  add_decide_arguments(*command, *arguments);
  command->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return settle(session, "adopt", *arguments, Choice::adopt);
    });
  });
}

}  // namespace daymill
