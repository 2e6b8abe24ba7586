#include "schedule/time_zone.hpp"

#include <date/tz.h>

#include <stdexcept>
#include <utility>

namespace daymill {

Instant current_instant() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

struct TimeZone::Rules {
  const date::time_zone* zone = nullptr;  // of the process-wide database; null: UTC

  std::chrono::seconds offset_at(Instant instant) const {
    return zone == nullptr ? std::chrono::seconds(0) : zone->get_info(instant).offset;
  }
};

TimeZone::TimeZone(std::string name, std::shared_ptr<const Rules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {}

TimeZone TimeZone::utc() {
  return TimeZone("UTC", std::make_shared<Rules>());
}

Result<TimeZone> TimeZone::named(const std::string& name) {
  if (name == "UTC")
    return utc();
  try {
    static_cast<void>(date::get_tzdb());
  } catch (const std::exception&) {
    return Status(Code::not_found, "this machine has no time zone database")
        .at("time zone " + name)
        .next("install the package tzdata, or use the time zone UTC");
  }
  try {
    const date::time_zone* zone = date::locate_zone(name);
    static_cast<void>(zone->get_info(Instant()));  // reads the zone's file, which may be broken
    return TimeZone(name, std::make_shared<Rules>(Rules{zone}));
  } catch (const std::exception&) {
    return Status(Code::invalid_config, "there is no time zone of this name")
        .at("time zone " + name)
        .next("use a name of the IANA database, as in Asia/Tokyo or UTC");
  }
}

std::vector<std::string> TimeZone::names() {
  std::vector<std::string> names{"UTC"};
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) {
      if (zone.name() != "UTC")
        names.push_back(zone.name());
    }
  } catch (const std::exception&) {
    return names;  // no database: UTC is all there is
  }
  return names;
}

std::pair<Instant, Instant> TimeZone::moments_of(CivilDay day, std::chrono::minutes time) const {
  const std::chrono::seconds local = std::chrono::days(day.days()) + time;
  if (rules_->zone == nullptr)
    return {Instant(local), Instant(local)};
  const date::local_info info = rules_->zone->get_info(date::local_seconds(local));
  if (info.result == date::local_info::nonexistent) {
    const Instant jump(info.first.end.time_since_epoch());
    return {jump, jump};
  }
  const Instant first(local - info.first.offset);
  return {first,
          info.result == date::local_info::unique ? first : Instant(local - info.second.offset)};
}

Instant TimeZone::start_of(CivilDay day) const {
  const auto [earliest, latest] = moments_of(day, std::chrono::minutes(0));
  return day_at(latest - std::chrono::seconds(1)) < day ? latest : earliest;
}

CivilDay TimeZone::day_at(Instant instant) const {
  const Instant local = instant + rules_->offset_at(instant);
  return CivilDay::from_days(static_cast<std::int32_t>(
      std::chrono::floor<std::chrono::days>(local).time_since_epoch().count()));
}

std::string TimeZone::text(Instant instant) const {
  const std::chrono::seconds offset = rules_->offset_at(instant);
  const date::sys_seconds local(instant.time_since_epoch() + offset);
  if (offset.count() == 0)
    return date::format("%FT%TZ", local);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(offset));
  const date::sys_seconds clock(std::chrono::floor<std::chrono::minutes>(minutes));
  return date::format("%FT%T", local) + (offset.count() < 0 ? "-" : "+") +
         date::format("%H:%M", clock);
}

}  // namespace daymill
