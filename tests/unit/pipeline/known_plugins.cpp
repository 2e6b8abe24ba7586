#include "known_plugins.hpp"

#include <utility>

#include "daymill/config.hpp"

namespace daymill {
namespace {

ConfigSpec redis_hash_spec() {
  return ConfigSpec("Reads counters from Redis hashes")
      .add(text_field("host", "Host name or address").defaults_to("localhost").operational())
      .add(integer_field("port", "TCP port").defaults_to(6379).between(1, 65535).operational())
      .add(text_field("password", "Password of the user").secret().operational())
      .add(text_field("field", "What a hash field is made of")
               .required()
               .example("\"{ad_id:int64}:{search_word:text}\""))
      .add(text_map_field("measures", "Measure to key template")
               .required()
               .example("{\"clicks\": \"clicklog_keys:{date:%Y%m%d}\"}"))
      .add(text_field("remove", "When the keys are deleted")
               .one_of({"never", "after_load"})
               .defaults_to("never"));
}

ConfigSpec postgres_spec() {
  return ConfigSpec("Loads rows into a PostgreSQL table")
      .add(text_field("host", "Host name or address").defaults_to("localhost").operational())
      .add(integer_field("port", "TCP port").defaults_to(5432).between(1, 65535).operational())
      .add(text_field("database", "Database").required().operational())
      .add(text_field("user", "User").defaults_to("postgres").operational())
      .add(text_field("password", "Password of the user").defaults_to("").secret().operational())
      .add(text_field("table", "Target table").required())
      .add(text_field("partition_column", "Column of type date").defaults_to("date"))
      .add(text_list_field("key", "Columns that make a row unique").required())
      .add(boolean_field("create", "Create the table when it is missing").defaults_to(false))
      .add(number_field("fill", "Share of a page that is filled").between(0, 1).operational());
}

ConfigSpec ctr_spec() {
  return ConfigSpec("Adds the click-through rate")
      .add(text_field("clicks", "Column with the clicks").defaults_to("clicks"))
      .add(text_field("impressions", "Column with the impressions").defaults_to("impressions"))
      .add(text_field("as", "Name of the new column").defaults_to("ctr"));
}

}  // namespace

std::vector<SchemaComponent> known_components() {
  const auto rules = [](const ConfigSpec& spec) { return parse_config_rules(spec.json()).value(); };
  return {{ComponentKind::source, "redis_hash", rules(redis_hash_spec())},
          {ComponentKind::transform, "ctr", rules(ctr_spec())},
          {ComponentKind::sink, "postgres", rules(postgres_spec())}};
}

SpecAnswer known_plugin(ComponentKind kind, const std::string& plugin) {
  const auto found = [](const ConfigSpec& spec) {
    return SpecAnswer{SpecAnswer::State::found, spec.json(), {}, {}};
  };
  if (kind == ComponentKind::source && plugin == "redis_hash")
    return found(redis_hash_spec());
  if (kind == ComponentKind::transform && plugin == "ctr")
    return found(ctr_spec());
  if (kind == ComponentKind::sink && plugin == "postgres")
    return found(postgres_spec());
  if (kind == ComponentKind::sink && plugin == "parquet")
    return {SpecAnswer::State::disabled, {}, {}, "it was built for ABI 2, this program has ABI 1"};
  if (kind == ComponentKind::transform && plugin == "broken")
    return {SpecAnswer::State::found, R"({"fields":[{"name":"n","type":"integr"}]})", {}, {}};
  SpecAnswer unknown;
  for (const SchemaComponent& component : known_components()) {
    if (component.kind == kind)
      unknown.known_ids.push_back(component.plugin);
  }
  return unknown;
}

VariableLookup fixed_variables(std::map<std::string, std::string> variables,
                               std::map<std::string, std::string> files) {
  return {
      [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      [files = std::move(files)](const std::string& path) -> Result<std::string> {
        const auto found = files.find(path);
        if (found == files.end())
          return Status(Code::not_found, "cannot read the file \"" + path + "\"");
        return found->second;
      }};
}

std::string ad_ctr_pipeline() {
  return R"({
  "$schema": "../schemas/pipeline.schema.json",
  "name": "ad_ctr",
  "description": "Clicks and impressions per ad and search word, with CTR, one row per day",
  "partition": { "every": "day", "timezone": "Asia/Tokyo", "closed_after": "15m" },
  "schedule": { "cron": "30 0 * * *", "catch_up": "7d" },
  "source": { "plugin": "redis_hash", "config": {
      "host": "${REDIS_HOST:-localhost}", "port": "${REDIS_PORT:-6379}",
      "field": "{ad_id:int64}:{search_word:text}",
      "measures": { "clicks": "clicklog_keys:{date:%Y%m%d}", "impressions": "viewlog_keys:{date:%Y%m%d}" },
      "remove": "after_load" } },
  "transforms": [ { "plugin": "ctr", "config": { "clicks": "clicks", "impressions": "impressions", "as": "ctr" } } ],
  "sink": { "plugin": "postgres", "config": {
      "host": "${POSTGRES_HOST:-localhost}", "port": "${POSTGRES_PORT:-5432}", "database": "${POSTGRES_DB:-postgres}",
      "user": "${POSTGRES_USER:-postgres}", "password": "${POSTGRES_PASSWORD:-}",
      "table": "advertisement_analytics", "partition_column": "date", "key": ["date", "ad_id", "search_word"] } },
  "rejects": { "max_rows": 1000, "max_share": "1%" },
  "retry": { "attempts": 5, "backoff": "1s..30s" }
}
)";
}

}  // namespace daymill
