#include "quirks.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace daymill {

namespace {

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void add_value(const std::string& name, const nlohmann::json& value,
               std::vector<Config::Entry>& settings) {
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      settings.push_back({name, key, text_of(item)});
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      settings.push_back({name, std::to_string(i), text_of(value[i])});
    }
  } else {
    settings.push_back({name, "", text_of(value)});
  }
}

}  // namespace

const std::vector<Quirks>& all_quirks() {
  static const std::vector<Quirks> kQuirks = {
      {ComponentKind::source,
       "csv",
       {{"path", "", "clicks-{date:%Y%m%d}.csv"}, {"measures", "0", "clicks"}},
       {{"columns", "ad_id", "integer"}},
       "clicks-20261122.csv"},
      {ComponentKind::source,
       "jsonl",
       {{"path", "", "clicks-{date:%Y%m%d}.jsonl"}, {"measures", "0", "clicks"}},
       {{"columns", "ad_id", "integer"}},
       "clicks-20261122.jsonl"},
      {ComponentKind::source,
       "postgres",
       {{"port", "", "1"},
        {"columns", "ad_id", "int64"},
        {"columns", "search_word", "text"},
        {"columns", "clicks", "int64"},
        {"measures", "0", "clicks"}},
       {{"query", "", "SELECT 1"}},
       "query"},
      {ComponentKind::source,
       "redis_hash",
       {{"port", "", "1"}},
       {{"field", "", "{ad_id:int64"}},
       "clicklog_keys:20261122"},
      {ComponentKind::source, "sqlite", {}, {{"columns", "ad_id", "integer"}}, ""},
      {ComponentKind::transform,
       "aggregate",
       {{"sum", "0", "clicks"}, {"sum", "1", "impressions"}},
       {{"by", "0", ""}}},
      {ComponentKind::transform,
       "check",
       {{"warn", "counted", "clicks > 0"}, {"reject", "shown", "clicks <= impressions"}},
       {{"limits", "counted", "many"}}},
      {ComponentKind::transform, "ctr", {}, {{"as", "", ""}}},
      {ComponentKind::transform, "deduplicate", {}, {{"by", "0", ""}}},
      {ComponentKind::transform, "derive", {}, {{"columns", "ctr", "number = 1"}}},
      {ComponentKind::transform, "filter", {}, {{"where", "", "clicks > (1"}}},
      {ComponentKind::transform, "select", {}, {{"columns", "0", "ad_id::integer"}}},
      {ComponentKind::transform, "sql", {}, {{"columns", "ad_id", "integer"}}},
      {ComponentKind::sink, "csv", {{"create", "", "true"}}, {{"path", "", "out/{date:%q}.csv"}}},
      {ComponentKind::sink,
       "jsonl",
       {{"create", "", "true"}},
       {{"path", "", "out/{date:%q}.jsonl"}}},
      {ComponentKind::sink, "postgres", {{"port", "", "1"}}, {{"table", "", "a.b.c"}}},
      {ComponentKind::sink, "redis_hash", {{"port", "", "1"}}, {{"key", "", "one_for_all_days"}}},
      {ComponentKind::sink, "sqlite", {{"create", "", "true"}}, {{"table", "", ""}}},
  };
  return kQuirks;
}

const Quirks* quirks_of(const PluginComponent& component) {
  for (const Quirks& quirks : all_quirks()) {
    if (quirks.kind == component.kind && quirks.id == component.id) {
      return &quirks;
    }
  }
  return nullptr;
}

std::vector<Config::Entry> example_settings(const PluginComponent& component) {
  const nlohmann::json spec = nlohmann::json::parse(component.config_spec);
  std::vector<Config::Entry> settings;
  for (const nlohmann::json& field : spec["fields"]) {
    if (field.contains("default")) {
      add_value(field["name"], field["default"], settings);
    } else if (field.value("required", false) && field.contains("example")) {
      add_value(field["name"], field["example"], settings);
    }
  }
  const Quirks* quirks = quirks_of(component);
  return quirks == nullptr ? settings : with_settings(std::move(settings), quirks->settings);
}

std::vector<Config::Entry> with_settings(std::vector<Config::Entry> settings,
                                         const std::vector<Config::Entry>& others) {
  for (const Config::Entry& other : others) {
    settings.erase(
        std::remove_if(settings.begin(), settings.end(),
                       [&](const Config::Entry& entry) { return entry.name == other.name; }),
        settings.end());
  }
  settings.insert(settings.end(), others.begin(), others.end());
  return settings;
}

std::vector<Config::Entry> with_nonsense(const PluginComponent& component,
                                         std::vector<Config::Entry> settings) {
  const Quirks* quirks = quirks_of(component);
  return quirks == nullptr ? settings : with_settings(std::move(settings), quirks->nonsense);
}

}  // namespace daymill
