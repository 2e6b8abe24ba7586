#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daymill/component_kind.hpp"
#include "pipeline/config_resolution.hpp"
#include "pipeline/config_spec.hpp"
#include "schedule/timetable.hpp"

namespace daymill {

struct PartitionDefinition {
  std::string every = "day";
  std::string timezone = "UTC";  // a name that exists on this machine
  std::chrono::seconds closed_after{0};
};

struct ScheduleDefinition {
  std::string cron;  // a line that CronLine understands
  std::chrono::days catch_up{0};
};

struct SnapshotDefinition {
  std::chrono::days keep{35};  // after the removal from the source, or the load where it is kept
};

// A source, transform or sink as one pipeline uses it.
struct ComponentDefinition {
  ComponentKind kind = ComponentKind::source;
  std::string plugin;                  // the component's id
  std::string pointer;                 // JSON pointer of the component: "/sink", "/transforms/0"
  nlohmann::ordered_json config;       // as in the file, secrets as ***: may be printed
  std::vector<ResolvedEntry> entries;  // what the plugin gets: holds secrets
};

struct RejectBudget {
  std::int64_t max_rows = 1000;
  double max_share = 0.01;  // of the rows read, 0 to 1
};

struct RetryDefinition {
  std::int64_t attempts = 5;  // in all, the first one included
  std::chrono::milliseconds backoff_min{1000};
  std::chrono::milliseconds backoff_max{30'000};
};

// A pipeline file, checked and with its variables replaced. Immutable after loading.
struct PipelineDefinition {
  std::string name;  // [a-z][a-z0-9_]{0,62}; the identity under which receipts are kept
  std::string description;
  std::string file;  // as the user typed it
  PartitionDefinition partition;
  std::optional<ScheduleDefinition> schedule;
  ComponentDefinition source;
  std::vector<ComponentDefinition> transforms;
  ComponentDefinition sink;
  RejectBudget rejects;
  RetryDefinition retry;
  std::optional<SnapshotDefinition> snapshots;  // nothing: they are only deleted by hand
  std::vector<VariableUse> variables;  // every ${...} of the file; holds no values

  // Every secret value that is not empty, for the redaction of logs. Never print it.
  std::vector<std::string> secret_values() const;
};

// The times and days that a schedule stands for.
Result<Timetable> timetable(const PartitionDefinition& partition,
                            const ScheduleDefinition& schedule);

// 32 hexadecimal digits over what decides the rows of a day: the plugins, their settings (but
// those declared `"identity": false`, and secrets), and the partition's time zone. Hosts, users and
// passwords may change without changing it. Stable across runs and machines.
std::string config_digest(const PipelineDefinition& definition);

}  // namespace daymill
