#include "pipeline/definition.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <xxhash.h>

namespace daymill {
namespace {

using Json = nlohmann::ordered_json;

// The order of settings and of a map's keys decides nothing, that of a list does: the index is the
// item, so sorting by name and item keeps it together with its place.
Json component_identity(const ComponentDefinition& component) {
  std::vector<std::array<std::string, 3>> settings;
  for (const ResolvedEntry& entry : component.entries) {
    if (entry.identity)
      settings.push_back({entry.name, entry.item, entry.value});
  }
  std::sort(settings.begin(), settings.end());
  return Json::array({kind_name(component.kind), component.plugin, settings});
}

void collect_secrets(const ComponentDefinition& component, std::vector<std::string>& values) {
  for (const ResolvedEntry& entry : component.entries) {
    if (entry.is_secret && !entry.value.empty())
      values.push_back(entry.value);
  }
}

}  // namespace

std::vector<std::string> PipelineDefinition::secret_values() const {
  std::vector<std::string> values;
  collect_secrets(source, values);
  for (const ComponentDefinition& transform : transforms)
    collect_secrets(transform, values);
  collect_secrets(sink, values);
  return values;
}

Result<Timetable> timetable(const PartitionDefinition& partition,
                            const ScheduleDefinition& schedule) {
  DAYMILL_ASSIGN(CronLine cron, CronLine::parse(schedule.cron));
  DAYMILL_ASSIGN(TimeZone zone, TimeZone::named(partition.timezone));
  return Timetable(std::move(cron), std::move(zone), partition.closed_after, schedule.catch_up);
}

std::string config_digest(const PipelineDefinition& definition) {
  Json identity = Json::array();
  identity.push_back({"partition", definition.partition.every, definition.partition.timezone});
  identity.push_back(component_identity(definition.source));
  for (const ComponentDefinition& transform : definition.transforms)
    identity.push_back(component_identity(transform));
  identity.push_back(component_identity(definition.sink));
  const std::string canonical = identity.dump();
  const XXH128_hash_t hash = XXH3_128bits(canonical.data(), canonical.size());
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text.data();
}

}  // namespace daymill
