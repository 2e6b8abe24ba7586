#include "pipeline/sections.hpp"

#include <utility>

namespace daymill {
namespace {

using Json = nlohmann::ordered_json;

FieldRule setting(std::string name, FieldType type, std::string description) {
  FieldRule rule;
  rule.name = std::move(name);
  rule.type = type;
  rule.description = std::move(description);
  return rule;
}

FieldRule with_default(FieldRule rule, Json value) {
  rule.default_value = std::move(value);
  return rule;
}

FieldRule with_example(FieldRule rule, Json value) {
  rule.example = std::move(value);
  return rule;
}

FieldRule between(FieldRule rule, Json minimum, Json maximum) {
  rule.minimum = std::move(minimum);
  rule.maximum = std::move(maximum);
  return rule;
}

ConfigRules make_partition_rules() {
  FieldRule every = with_default(setting("every", FieldType::text, "Length of a partition"), "day");
  every.choices = {"day"};
  return {"Which days the pipeline processes",
          {every,
           with_example(with_default(setting("timezone", FieldType::text,
                                             "IANA time zone in which the days begin and end"),
                                     "UTC"),
                        "Asia/Tokyo"),
           with_example(with_default(setting("closed_after", FieldType::text,
                                             "How long after its end a day counts as closed"),
                                     "0m"),
                        "15m")}};
}

ConfigRules make_schedule_rules() {
  FieldRule cron = with_example(
      setting("cron", FieldType::text,
              "When to run: minute, hour, day of month, month, day of week, in the time zone of "
              "the partition"),
      "30 0 * * *");
  cron.required = true;
  return {"When the pipeline runs by itself",
          {cron,
           with_example(
               with_default(setting("catch_up", FieldType::text,
                                    "How many days before the newest one missed days and late data "
                                    "are looked for"),
                            "7d"),
               "7d")}};
}

ConfigRules make_rejects_rules() {
  FieldRule rows = with_default(
      setting("max_rows", FieldType::integer, "More rejected rows than this fail the day"), 1000);
  rows.minimum = 0;
  return {"How many rows may be unusable before nothing is loaded and nothing removed",
          {rows, with_example(with_default(setting("max_share", FieldType::text,
                                                   "A larger share of rejected rows fails the day"),
                                           "1%"),
                              "0.5%")}};
}

ConfigRules make_retry_rules() {
  return {"How often a failed step is tried again, and with which pauses",
          {between(with_default(setting("attempts", FieldType::integer,
                                        "Attempts in all, the first one included"),
                                5),
                   1, 100),
           with_example(with_default(setting("backoff", FieldType::text,
                                             "Shortest and longest pause between two attempts"),
                                     "1s..30s"),
                        "1s..30s")}};
}

ConfigRules make_snapshots_rules() {
  return {"When `run --due`, and so the scheduler, deletes snapshots that no replay needs any more",
          {with_example(with_default(setting("keep", FieldType::text,
                                             "How many days they are kept after the removal from "
                                             "the source, or after the load of a source that is "
                                             "kept"),
                                     "35d"),
                        "35d")}};
}

}  // namespace

const ConfigRules& partition_rules() {
  static const ConfigRules rules = make_partition_rules();
  return rules;
}

const ConfigRules& schedule_rules() {
  static const ConfigRules rules = make_schedule_rules();
  return rules;
}

const ConfigRules& rejects_rules() {
  static const ConfigRules rules = make_rejects_rules();
  return rules;
}

const ConfigRules& retry_rules() {
  static const ConfigRules rules = make_retry_rules();
  return rules;
}

const ConfigRules& snapshots_rules() {
  static const ConfigRules rules = make_snapshots_rules();
  return rules;
}

}  // namespace daymill
