#include "settings.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "endpoint_settings.hpp"

namespace daymill::redis_hash {
namespace {

/// Every day of these years must have a key of its own, in every measure: a template without the
/// whole date, or two that meet, would count days twice and remove one day with another. Keys that
/// differ in a number only are alike in that, so that one day is enough for all but the first.
Status check_keys(const std::vector<Measure>& measures) {
  const std::int32_t first = days_of({2024, 1, 1});
  const std::int32_t last = days_of({2025, 12, 31});
  std::map<std::string, std::pair<const Measure*, std::int32_t>> seen;
  const auto claim = [&seen](const Measure& measure, const KeyTemplate& of, std::int32_t day) {
    const std::string key = of.expand(day);
    DAYMILL_TRY(record_key(key).status());
    const auto [other, is_new] = seen.emplace(key, std::pair(&measure, day));
    return is_new
               ? Status()
               : Status(Code::invalid_config,
                        "measures: \"" + printable(key) + "\" is the key of " +
                            other->second.first->name + " on " + date_text(other->second.second) +
                            " and of " + measure.name + " on " + date_text(day) +
                            ", expected a key of its own for each measure and day, such as "
                            "\"clicklog_keys:{date:%Y%m%d}\"");
  };
  for (const Measure& measure : measures) {
    for (std::int32_t day = first; day < last; ++day) {
      DAYMILL_TRY(claim(measure, measure.keys.front(), day));
    }
    for (const KeyTemplate& key : measure.keys) {
      DAYMILL_TRY(claim(measure, key, last));
    }
  }
  return {};
}

Result<std::vector<Measure>> measures_from(const Config& config, const FieldPattern& pattern) {
  std::vector<Measure> measures;
  for (const auto& [name, text] : config.map("measures")) {
    if (name.empty()) {
      return Status(Code::invalid_config, "measures: found a measure without a name");
    }
    for (const FieldPattern::Column& column : pattern.columns) {
      if (column.name == name) {
        return Status(Code::invalid_config,
                      "measures: \"" + name + "\" is a column of the field pattern too");
      }
    }
    for (const Measure& other : measures) {
      if (other.name == name) {
        return Status(Code::invalid_config, "measures: \"" + name + "\" is there twice");
      }
    }
    DAYMILL_ASSIGN(std::vector<KeyTemplate> keys, KeyTemplate::parse_all(text));
    measures.push_back({name, std::move(keys)});
  }
  if (measures.empty()) {
    return Status(Code::invalid_config,
                  "measures: found none, expected at least one, such as "
                  "{\"clicks\": \"clicklog_keys:{date:%Y%m%d}\"}");
  }
  DAYMILL_TRY(check_keys(measures));
  return measures;
}

}  // namespace

ConfigSpec Settings::spec() {
  return add_endpoint(
             ConfigSpec("Reads counters from Redis hashes, one or several per measure and day"))
      .add(integer_field(
               "scan_count",
               "Fields to ask for at once (HSCAN COUNT), fewer where they are large; the more, "
               "the longer Redis's other clients wait")
               .defaults_to(500)
               .between(1, 1000000)
               .operational())
      .add(text_field("field",
                      "Columns of a hash field, {name:type} with separators between them; types "
                      "int64 and text; the last column takes the rest")
               .required()
               .example("\"{ad_id:int64}:{search_word:text}\""))
      .add(text_map_field("measures",
                          "Measure to template of its hash's key, with the date in it; with a "
                          "range like {0..31} of its hashes' keys")
               .required()
               .example("{\"clicks\": \"clicklog_keys:{date:%Y%m%d}\"}"))
      .add(text_field("remove", "Remove a day's hashes from Redis: never, or once they are loaded")
               .defaults_to("never")
               .one_of({"never", "after_load"})
               .operational());
}

Result<Settings> Settings::from(const Config& config) {
  Settings settings;
  settings.endpoint = read_endpoint(config);
  settings.scan_count = config.integer("scan_count", 500);
  DAYMILL_ASSIGN(settings.pattern, FieldPattern::parse(config.text("field")));
  DAYMILL_ASSIGN(settings.measures, measures_from(config, settings.pattern));
  const std::string remove = config.text("remove");
  if (!remove.empty() && remove != "never" && remove != "after_load") {
    return Status(Code::invalid_config, "remove: found \"" + printable(remove) +
                                            "\", expected \"never\" or \"after_load\"");
  }
  settings.removes = remove == "after_load";
  return settings;
}

Schema Settings::typed_schema() const {
  Schema schema;
  for (const FieldPattern::Column& column : pattern.columns) {
    schema.fields.push_back({column.name, column.type, Role::key, false});
  }
  for (const Measure& measure : measures) {
    schema.fields.push_back({measure.name, Type::int64, Role::measure, true});
  }
  return schema;
}

Schema Settings::raw_schema() {
  return Schema{
      {{"field", Type::binary, Role::key, false}, {"value", Type::binary, Role::attribute, false}}};
}

std::optional<HashNumber> Settings::number_of(std::string_view key, std::int32_t day) const {
  for (std::size_t measure = 0; measure < measures.size(); ++measure) {
    const std::vector<KeyTemplate>& keys = measures[measure].keys;
    for (std::size_t shard = 0; shard < keys.size(); ++shard) {
      if (keys[shard].expand(day) == key) {
        return HashNumber{measure, shard};
      }
    }
  }
  return std::nullopt;
}

std::size_t Settings::num_shards() const {
  const std::size_t number = measures.front().keys.size();
  return std::all_of(measures.begin(), measures.end(),
                     [number](const Measure& one) { return one.keys.size() == number; })
             ? number
             : 1;
}

}  // namespace daymill::redis_hash
