// daymill rejects: rows that could not be used
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "cli/commands.hpp"
#include "cli/day_batch.hpp"
#include "cli/run_arguments.hpp"
#include "daymill/value.hpp"

namespace daymill {

namespace {

struct RejectArguments {
  std::string pipeline;
  std::string day;
  std::int64_t limit = 100;
};

Result<std::unique_ptr<Sink>> bound_sink(const BoundPipeline& pipeline) {
  DAYMILL_ASSIGN(std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  return sink;
}

Status list_rejects(Session& session, const RejectArguments& arguments) {
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, bound_sink(pipeline));
  DAYMILL_ASSIGN(const std::vector<PartitionEvidence> history, sink->history());
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"DATE", "REJECTS", "LOADED", "RUN"}};
  for (const PartitionEvidence& known : history) {
    if (!known.evidence.load.has_value() || known.evidence.load->rejected == 0) {
      continue;
    }
    const Load& load = *known.evidence.load;
    rows.push_back({known.partition, grouped(load.rejected), load.committed_at, load.run_id});
    list.push_back({{"partition", known.partition},
                    {"rejected", load.rejected},
                    {"committed_at", load.committed_at},
                    {"run_id", load.run_id}});
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("rejects list", {{"days", list}}, {});
  } else {
    std::fputs(rows.size() == 1 ? "no rejects\n" : table_text(rows).c_str(), stdout);
  }
  return {};
}

void print_rows(Session& session, const std::vector<RejectRow>& rejects) {
  std::map<std::string, std::int64_t> reasons;
  std::vector<std::vector<std::string>> rows = {
      {"SPLIT", "GENERATION", "REASON", "RAW", "MESSAGE"}};
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const RejectRow& reject : rejects) {
    ++reasons[reject.reason];
    rows.push_back({printable(reject.split), std::to_string(reject.generation), reject.reason,
                    printable(reject.raw, 120), printable(reject.message, 200)});
    list.push_back({{"split", reject.split},
                    {"generation", reject.generation},
                    {"reason", reject.reason},
                    {"raw", printable(reject.raw, 4096)},
                    {"message", reject.message}});
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("rejects show", {{"rejects", list}, {"reasons", reasons}}, {});
    return;
  }
  std::fputs(rejects.empty() ? "no rejects\n" : session.redact(table_text(rows)).c_str(), stdout);
  for (const auto& [reason, count] : reasons) {
    std::fprintf(stderr, "%s × %s\n", grouped(count).c_str(), reason.c_str());
  }
}

Status show_rejects(Session& session, const RejectArguments& arguments) {
  DAYMILL_ASSIGN(const CivilDay day, CivilDay::parse(arguments.day));
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, bound_sink(pipeline));
  DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
  DAYMILL_ASSIGN(const std::vector<RejectRow> rejects, sink->rejects(partition, arguments.limit));
  print_rows(session, rejects);
  if (static_cast<std::int64_t>(rejects.size()) == arguments.limit) {
    std::fprintf(stderr, "%s shown, there may be more; --limit shows more\n",
                 grouped(arguments.limit).c_str());
  }
  return {};
}

/// A replay: the snapshots hold the rejected rows as they were read, and the pipeline as it is now
/// may be able to use them.
Status retry_rejects(Session& session, const RejectArguments& arguments, DayBatch& batch) {
  DAYMILL_ASSIGN(const CivilDay day, CivilDay::parse(arguments.day));
  DAYMILL_ASSIGN(BoundPipeline pipeline, session.bind(arguments.pipeline));
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, bound_sink(pipeline));
  DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
  DAYMILL_ASSIGN(const Evidence evidence, sink->receipts(partition, /*settle=*/false));
  const std::int64_t before = evidence.load.has_value() ? evidence.load->rejected : 0;
  DAYMILL_TRY(batch.run(pipeline, {PendingDay{day, RunKind::replay, "rejects are tried again"}}));
  for (const RunReport& report : batch.reports()) {
    if (report.failure.ok() && !report.wrote_nothing) {
      std::fprintf(stderr, "rejects before %s, now %s\n", grouped(before).c_str(),
                   grouped(report.rejected).c_str());
    } else if (report.failure.ok() && before == 0) {
      std::fputs("the day has no rejects\n", stderr);
    } else if (report.failure.ok()) {
      std::fprintf(stderr,
                   "the pipeline is the one that rejected these %s rows: correct it first (daymill "
                   "rejects show %s %s)\n",
                   grouped(before).c_str(), arguments.pipeline.c_str(), arguments.day.c_str());
    }
  }
  return {};
}

int finish(Session& session, const std::string& command, const Status& status) {
  return status.ok() ? 0 : session.fail(command, status);
}

}  // namespace

void add_rejects_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<RejectArguments>();
  CLI::App* rejects =
      app.add_subcommand("rejects", "Rows that could not be used, kept with their reason");
  rejects->require_subcommand(1);

  CLI::App* list = rejects->add_subcommand("list", "Days with rejects");
  add_pipeline_argument(*list, arguments->pipeline);
  list->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return finish(session, "rejects list", list_rejects(session, *arguments));
    });
  });

  CLI::App* show = rejects->add_subcommand("show", "The rejects of a day");
  add_pipeline_argument(*show, arguments->pipeline);
  show->add_option("day,--date", arguments->day, "YYYY-MM-DD")->required();
  show->add_option("--limit", arguments->limit, "At most this many rows")
      ->check(CLI::Range(1, 1'000'000'000));
  show->callback([arguments, runner] {
    runner([arguments](Session& session) {
      return finish(session, "rejects show", show_rejects(session, *arguments));
    });
  });

  CLI::App* retry = rejects->add_subcommand(
      "retry", "Load a day again from its snapshots with the pipeline as it is now");
  add_pipeline_argument(*retry, arguments->pipeline);
  retry->add_option("day,--date", arguments->day, "YYYY-MM-DD")->required();
  retry->callback([arguments, runner] {
    runner([arguments](Session& session) {
      DayBatch batch(session, "rejects retry", RunSettings{});
      const Status status = retry_rejects(session, *arguments, batch);
      return status.ok() ? batch.finish() : session.fail("rejects retry", status);
    });
  });
}

}  // namespace daymill
