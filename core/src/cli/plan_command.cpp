// daymill plan: what a run would do, from the same planner
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "plan/partition_plan.hpp"

namespace daymill {

namespace {

struct PlanArguments {
  std::string pipeline;
  DayArguments days;
};

nlohmann::ordered_json to_json(const PartitionPlan& plan) {
  nlohmann::ordered_json splits = nlohmann::ordered_json::array();
  for (const PlannedSplit& planned : plan.splits) {
    splits.push_back({{"split", planned.split.id},
                      {"location", planned.split.location},
                      {"present", planned.split.present},
                      {"estimated_rows", planned.split.estimated_rows},
                      {"removals", planned.split.removals},
                      {"receipts", planned.receipts.size()},
                      {"action", action_name(planned.decision.action)},
                      {"generation", planned.decision.generation},
                      {"reason", planned.decision.reason}});
  }
  return {{"partition", plan.partition.label},
          {"epoch", plan.evidence.epoch},
          {"loaded", plan.evidence.load.has_value()},
          {"difference", plan.evidence.difference},
          {"splits", splits}};
}

Result<std::vector<PartitionPlan>> make_plans(Session& session, const PlanArguments& arguments,
                                              BoundPipeline& pipeline) {
  DAYMILL_ASSIGN(const DayRange range, parse_day_range(arguments.days));
  DAYMILL_ASSIGN(const SnapshotStore store, session.snapshots());
  DAYMILL_ASSIGN(const std::unique_ptr<Sink> sink, pipeline.make_sink());
  DAYMILL_TRY(sink->bind(pipeline.out_schema, pipeline.definition.name));
  std::vector<PartitionPlan> plans;
  for (const CivilDay day : range.days()) {
    DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
    DAYMILL_ASSIGN(PartitionPlan plan, plan_partition(pipeline, *sink, partition, store));
    plans.push_back(std::move(plan));
  }
  return plans;
}

int print_plans(Session& session, const PlanArguments& arguments) {
  auto pipeline = session.bind(arguments.pipeline);
  if (!pipeline.ok()) {
    return session.fail("plan", pipeline.status());
  }
  const auto plans = make_plans(session, arguments, *pipeline);
  if (!plans.ok()) {
    return session.fail("plan", plans.status());
  }
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json partitions = nlohmann::ordered_json::array();
    for (const PartitionPlan& plan : *plans) {
      partitions.push_back(to_json(plan));
    }
    print_envelope("plan",
                   {{"pipeline", pipeline->definition.name},
                    {"delivery", pipeline->delivery_guarantee()},
                    {"partitions", partitions}},
                   {});
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"DATE", "SPLIT", "ROWS", "ACTION", "GENERATION", "REASON"}};
  for (const PartitionPlan& plan : *plans) {
    for (const PlannedSplit& planned : plan.splits) {
      const std::int64_t estimate = planned.split.estimated_rows;
      rows.push_back({plan.partition.label, planned.split.id,
                      estimate < 0 ? "?" : grouped(estimate), action_name(planned.decision.action),
                      std::to_string(planned.decision.generation), planned.decision.reason});
    }
  }
  std::printf("%s: %s\n%s", pipeline->definition.name.c_str(),
              pipeline->delivery_guarantee().c_str(), session.redact(table_text(rows)).c_str());
  return 0;
}

}  // namespace

void add_plan_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<PlanArguments>();
  CLI::App* command = app.add_subcommand(
      "plan", "Show what run would do with these days; reads source and target, moves nothing");
  command
      ->add_option("pipeline", arguments->pipeline,
                   "Pipeline file, or the name of one in ./pipelines")
      ->required();
  command->add_option("--date", arguments->days.date, "The day, YYYY-MM-DD");
  command->add_option("--from", arguments->days.from, "First day");
  command->add_option("--to", arguments->days.to, "Last day, included");
  command->callback([arguments, runner] {
    runner([arguments](Session& session) { return print_plans(session, *arguments); });
  });
}

}  // namespace daymill
