// daymill state rebuild
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "run/journal_rebuild.hpp"

namespace daymill {

namespace {

Result<std::vector<RebuiltRun>> rebuild(Session& session, const std::string& file) {
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(file));
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  DAYMILL_ASSIGN(const SnapshotStore store, session.snapshots());
  DAYMILL_ASSIGN(RunJournal journal, session.journal());
  return rebuild_journal(pipeline, *sink, store, journal);
}

std::string outcome(const RebuiltRun& rebuilt) {
  if (!rebuilt.added) {
    return "the journal says the same";
  }
  return rebuilt.journal_said.empty() ? "added" : "added; the journal said " + rebuilt.journal_said;
}

int rebuild_all(Session& session, std::vector<std::string> pipelines) {
  const std::string command = "state rebuild";
  if (pipelines.empty()) {
    auto all = Session::all_pipelines();
    if (!all.ok()) {
      return session.fail(command, all.status());
    }
    pipelines = std::move(all).value();
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"PIPELINE", "DATE", "STATE", "RUN", "JOURNAL"}};
  for (const std::string& file : pipelines) {
    const auto runs = rebuild(session, file);
    if (!runs.ok()) {
      return session.fail(command, runs.status());
    }
    for (const RebuiltRun& rebuilt : *runs) {
      const JournalRun& run = rebuilt.run;
      rows.push_back({run.pipeline, run.partition, run.state, run.run_id, outcome(rebuilt)});
      list.push_back({{"pipeline", run.pipeline},
                      {"partition", run.partition},
                      {"state", run.state},
                      {"run_id", run.run_id},
                      {"added", rebuilt.added},
                      {"journal_said", rebuilt.journal_said}});
    }
  }
  if (session.output() == OutputFormat::json) {
    print_envelope(command, {{"days", list}}, {});
  } else {
    std::fputs(rows.size() == 1 ? "no day was ever begun\n" : table_text(rows).c_str(), stdout);
  }
  return 0;
}

}  // namespace

void add_state_command(CLI::App& app, const Runner& runner) {
  auto pipelines = std::make_shared<std::vector<std::string>>();
  CLI::App* state = app.add_subcommand("state", "The run journal, state.db");
  state->require_subcommand(1);
  CLI::App* command = state->add_subcommand(
      "rebuild", "Fill the journal from receipts and snapshots, after it was lost or damaged");
  command->add_option("pipelines", *pipelines,
                      "Pipeline files or names; without any: all of ./pipelines");
  command->callback([pipelines, runner] {
    runner([pipelines](Session& session) { return rebuild_all(session, *pipelines); });
  });
}

}  // namespace daymill
