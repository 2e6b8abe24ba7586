#include "pipeline/section_loader.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/value.hpp"
#include "pipeline/did_you_mean.hpp"
#include "pipeline/fixes.hpp"
#include "pipeline/sections.hpp"
#include "schedule/cron_line.hpp"
#include "schedule/duration.hpp"
#include "schedule/time_zone.hpp"

namespace daymill {
namespace {

// The settings of one section of the file, defaults filled in; of an absent section as well.
class Section {
 public:
  Section(PipelineReader& reader, const ConfigRules& rules, std::string pointer)
      : reader_(reader), pointer_(std::move(pointer)) {
    const bool here = reader.present(pointer_);
    if (here && !reader.require_object(pointer_))
      return;
    entries_ =
        resolve_config(rules, {reader.document(), reader.texts(), here ? pointer_ : "", here},
                       reader.findings())
            .entries;
  }

  // Null when it is absent without a default, or has been reported.
  const std::string* text(std::string_view name) const {
    for (const ResolvedEntry& entry : entries_) {
      if (entry.name == name)
        return &entry.value;
    }
    return nullptr;
  }

  std::optional<std::chrono::milliseconds> duration(const std::string& name) {
    const std::string* value = text(name);
    if (value == nullptr)
      return std::nullopt;
    const auto parsed = parse_duration(*value);
    if (parsed.ok())
      return *parsed;
    report(name, "pipeline.duration", parsed.status().message(), "");
    return std::nullopt;
  }

  std::optional<std::chrono::days> days(const std::string& name) {
    const auto value = duration(name);
    if (!value)
      return std::nullopt;
    const auto days = std::chrono::floor<std::chrono::days>(*value);
    if (days != *value)
      report(name, "pipeline.duration", "must be a number of whole days", "as in \"7d\"");
    return days;
  }

  void report(const std::string& name, const std::string& code, const std::string& message,
              std::string suggestion, std::optional<TextEdit> fix = {}) {
    reader_.report_value(pointer_ + "/" + name, code, message, std::move(suggestion),
                         std::move(fix));
  }

  void warn(const std::string& name, const std::string& code, const std::string& message,
            std::string suggestion) {
    report(name, code, message, std::move(suggestion));
    reader_.findings().back().severity = Severity::warning;
  }

  bool from_variable(const std::string& name) const {
    return reader_.from_variable(pointer_ + "/" + name);
  }

 private:
  PipelineReader& reader_;
  std::string pointer_;
  std::vector<ResolvedEntry> entries_;
};

}  // namespace

PartitionDefinition read_partition(PipelineReader& reader) {
  PartitionDefinition partition;
  Section section(reader, partition_rules(), "/partition");
  if (const std::string* zone = section.text("timezone")) {
    partition.timezone = *zone;
    const auto known = TimeZone::named(*zone);
    if (!known.ok()) {
      const std::string better =
          section.from_variable("timezone") ? "" : did_you_mean(*zone, TimeZone::names());
      section.report("timezone", "pipeline.timezone", known.status().message(),
                     better.empty() ? known.status().next() : better,
                     fix_of_case(reader.document(), "/partition/timezone", TimeZone::names()));
    }
  }
  if (const auto wait = section.duration("closed_after"))
    partition.closed_after = std::chrono::ceil<std::chrono::seconds>(*wait);
  return partition;
}

std::optional<ScheduleDefinition> read_schedule(PipelineReader& reader,
                                                const PartitionDefinition& partition) {
  if (!reader.present("/schedule"))
    return std::nullopt;
  ScheduleDefinition schedule;
  Section section(reader, schedule_rules(), "/schedule");
  if (const std::string* cron = section.text("cron")) {
    schedule.cron = *cron;
    if (const auto line = CronLine::parse(*cron); !line.ok())
      section.report("cron", "pipeline.cron", line.status().message(), line.status().next());
  }
  schedule.catch_up = section.days("catch_up").value_or(schedule.catch_up);
  if (const auto times = timetable(partition, schedule); times.ok() && times->is_too_early())
    section.warn("cron", "schedule.too_early",
                 "comes before the day that has just ended is closed (" +
                     duration_text(partition.closed_after) +
                     " after its end): it stands for the day before that",
                 "choose a time after that");
  return schedule;
}

RejectBudget read_rejects(PipelineReader& reader) {
  RejectBudget budget;
  Section section(reader, rejects_rules(), "/rejects");
  if (const std::string* rows = section.text("max_rows"))
    budget.max_rows = parse_int64(*rows).value_or(budget.max_rows);
  const std::string* share = section.text("max_share");
  if (share == nullptr)
    return budget;
  std::optional<double> percent;
  if (!share->empty() && share->back() == '%')
    percent = parse_float64(std::string_view(*share).substr(0, share->size() - 1));
  if (percent && *percent >= 0 && *percent <= 100)
    budget.max_share = *percent / 100;
  else
    section.report("max_share", "pipeline.share", "not a share of the rows",
                   "write a percentage from 0% to 100%, as in \"1%\"");
  return budget;
}

RetryDefinition read_retry(PipelineReader& reader) {
  RetryDefinition retry;
  Section section(reader, retry_rules(), "/retry");
  if (const std::string* attempts = section.text("attempts"))
    retry.attempts = parse_int64(*attempts).value_or(retry.attempts);
  const std::string* backoff = section.text("backoff");
  if (backoff == nullptr)
    return retry;
  const std::size_t dots = backoff->find("..");
  const auto shortest = parse_duration(std::string_view(*backoff).substr(0, dots));
  const auto longest =
      parse_duration(dots == std::string::npos ? "" : std::string_view(*backoff).substr(dots + 2));
  if (!shortest.ok() || !longest.ok()) {
    section.report("backoff", "pipeline.duration", "not a shortest and a longest pause",
                   "as in \"1s..30s\"");
  } else if (*longest < *shortest) {
    section.report("backoff", "pipeline.duration", "the shortest pause is longer than the longest",
                   "");
  } else {
    retry.backoff_min = *shortest;
    retry.backoff_max = *longest;
  }
  return retry;
}

std::optional<SnapshotDefinition> read_snapshots(PipelineReader& reader) {
  if (!reader.present("/snapshots"))
    return std::nullopt;
  SnapshotDefinition snapshots;
  Section section(reader, snapshots_rules(), "/snapshots");
  snapshots.keep = section.days("keep").value_or(snapshots.keep);
  return snapshots;
}

}  // namespace daymill
