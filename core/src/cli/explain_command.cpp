// daymill explain: what a pipeline will do, when, and what happens on failure, in words
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "observe/run_report.hpp"
#include "pipeline/config_spec.hpp"

namespace daymill {

namespace {

using Paragraphs = std::vector<std::pair<std::string, std::string>>;  // heading, sentences

std::string duration_words(std::chrono::seconds seconds) {
  const std::pair<std::int64_t, const char*> units[] = {
      {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const auto& [size, name] : units) {
    if (seconds.count() >= size && seconds.count() % size == 0) {
      const std::int64_t count = seconds.count() / size;
      return std::to_string(count) + " " + name + (count == 1 ? "" : "s");
    }
  }
  return "no time";
}

std::string columns_words(const Schema& schema) {
  const auto listed = [&schema](Role role) {
    std::string text;
    for (const std::size_t index : schema.with_role(role)) {
      text += (text.empty() ? "" : ", ") + schema.fields[index].name;
    }
    return text;
  };
  const std::string keys = listed(Role::key);
  const std::string measures = listed(Role::measure);
  const std::string others = listed(Role::attribute);
  std::string text = keys.empty() ? "" : "one row per " + keys;
  if (!measures.empty()) {
    text += (text.empty() ? "" : ", ") + std::string("with the sums of ") + measures;
  }
  if (!others.empty()) {
    text += (text.empty() ? "" : ", ") + std::string("and ") + others;
  }
  return text;
}

class Explanation {
 public:
  Explanation(const BoundPipeline& pipeline, const PluginRegistry& registry)
      : pipeline_(pipeline), definition_(pipeline.definition), registry_(registry) {}

  Paragraphs paragraphs() {
    if (!definition_.description.empty()) {
      add("what", definition_.description + ".");
    }
    explain_days();
    explain_source();
    explain_transforms();
    explain_sink();
    explain_failure();
    return std::move(paragraphs_);
  }

 private:
  void add(const std::string& heading, const std::string& text) {
    paragraphs_.emplace_back(heading, text);
  }

  void explain_days() {
    const PartitionDefinition& partition = definition_.partition;
    std::string text = "One civil day in " + partition.timezone + " at a time. A day may be run " +
                       (partition.closed_after.count() == 0
                            ? "as soon as it is over."
                            : duration_words(partition.closed_after) + " after it is over.");
    add("days", text);
    if (definition_.schedule) {
      explain_schedule(*definition_.schedule);
    }
  }

  void explain_schedule(const ScheduleDefinition& schedule) {
    const auto times = timetable(definition_.partition, schedule);
    if (!times.ok()) {
      return;  // a finding
    }
    const Instant next = times->next_time(current_instant());
    const std::vector<CivilDay> due = times->due_days(next);
    std::string text = "\"" + schedule.cron + "\" in " + definition_.partition.timezone +
                       ", while `daymill schedule` runs; next " + times->zone().text(next) +
                       ". Each time stands for the newest day that is closed then";
    if (!due.empty()) {
      text += ", next " + due.back().iso();
    }
    text += "; the days of times up to " + duration_words(schedule.catch_up) +
            " before are looked at again, for what was missed or came late.";
    if (definition_.snapshots) {
      text += " Then snapshots are deleted that are older than " +
              duration_words(definition_.snapshots->keep) + " and that no open day needs.";
    }
    add("schedule", text);
  }

  void explain_source() {
    std::string text = summary(definition_.source) + ": " + columns_words(pipeline_.source_schema) +
                       ". What was read is kept in a snapshot before anything is loaded; rows with "
                       "equal keys become one row, their measures are added.";
    text += pipeline_.removes()
                ? " The source is emptied afterwards, only against a receipt of the sink, and only "
                  "if it still holds exactly what was read; what comes later is a new generation "
                  "that the next run adds."
                : " The source is kept; a day that changed there is loaded anew by the next run.";
    add("source", text);
  }

  void explain_transforms() {
    for (std::size_t i = 0; i < pipeline_.transforms.size(); ++i) {
      add(i == 0 ? "transforms" : "", std::to_string(i + 1) + ". " +
                                          summary(definition_.transforms[i]) + ": " +
                                          columns_words(pipeline_.transforms[i].out) + ".");
    }
  }

  void explain_sink() {
    std::string text = summary(definition_.sink) + ".";
    if ((pipeline_.sink_capabilities & DAYMILL_SINK_REPLACES_PARTITION) != 0) {
      text +=
          " A load replaces the day as a whole: readers see all of it or what was there before.";
    }
    text += " Delivery: " + pipeline_.delivery_guarantee() + ".";
    add("sink", text);
  }

  void explain_failure() {
    char share[32];
    std::snprintf(share, sizeof share, "%.4g%%", definition_.rejects.max_share * 100);
    const RetryDefinition& retry = definition_.retry;
    add("rejects", "A row that cannot be used is kept with its reason" +
                       std::string(pipeline_.stores_rejects() ? " beside the table"
                                                              : " in the snapshot only") +
                       ". More than " + grouped(definition_.rejects.max_rows) + " of them, or " +
                       share + " of a day, and nothing of the day is loaded.");
    add("failure", "Unreachable servers are tried " + std::to_string(retry.attempts) +
                       " times, with pauses of " + std::to_string(retry.backoff_min.count()) +
                       " to " + std::to_string(retry.backoff_max.count()) +
                       " ms. A day that fails leaves the table and the source as they were; others "
                       "go on. Then: "
                       "daymill why " +
                       definition_.name + " DATE, and daymill resume " + definition_.file + ".");
  }

  /// "redis_hash: Reads counters from Redis hashes"
  std::string summary(const ComponentDefinition& definition) const {
    const auto component = registry_.find(definition.kind, definition.plugin);
    if (!component.ok()) {
      return definition.plugin;
    }
    const auto rules = parse_config_rules((*component)->config_spec);
    return definition.plugin + (rules.ok() ? ": " + rules->summary : "");
  }

  const BoundPipeline& pipeline_;
  const PipelineDefinition& definition_;
  const PluginRegistry& registry_;
  Paragraphs paragraphs_;
};

int explain(Session& session, const std::string& file) {
  const auto pipeline = session.bind(file);
  const auto registry = session.plugins();
  if (!pipeline.ok() || !registry.ok()) {
    return session.fail("explain", pipeline.ok() ? registry.status() : pipeline.status());
  }
  const Paragraphs paragraphs = Explanation(*pipeline, **registry).paragraphs();
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const auto& [heading, text] : paragraphs) {
      json.push_back({{"about", heading}, {"text", text}});
    }
    print_envelope("explain", {{"pipeline", pipeline->definition.name}, {"paragraphs", json}}, {});
    return 0;
  }
  std::string text = pipeline->definition.name + " (" + pipeline->definition.file + ")\n";
  for (const auto& [heading, sentences] : paragraphs) {
    text += "\n" + (heading.empty() ? "" : heading + "\n") + wrapped(sentences, "  ");
  }
  std::fputs(session.redact(text).c_str(), stdout);
  return 0;
}

}  // namespace

void add_explain_command(CLI::App& app, const Runner& runner) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "explain", "Say in words what a pipeline will do, when, and what happens on failure");
  command->add_option("pipeline", *file, "Pipeline file, or the name of one in ./pipelines")
      ->required();
  command->callback(
      [file, runner] { runner([file](Session& session) { return explain(session, *file); }); });
}

}  // namespace daymill
