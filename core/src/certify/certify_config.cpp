#include "certify/certify_config.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "daymill/value.hpp"
#include "pipeline/json_excerpt.hpp"

namespace daymill {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void add_value(const std::string& name, const Json& value, std::vector<Config::Entry>& entries) {
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      entries.push_back({name, key, text_of(item)});
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      entries.push_back({name, std::to_string(i), text_of(value[i])});
    }
  } else {
    entries.push_back({name, "", text_of(value)});
  }
}

/// Every default, and the example of every required setting.
CertifySettings settings_of_spec(const ConfigRules& rules) {
  CertifySettings settings;
  for (const FieldRule& field : rules.fields) {
    if (field.default_value) {
      add_value(field.name, *field.default_value, settings.entries);
    } else if (field.required && field.example) {
      add_value(field.name, *field.example, settings.entries);
    }
    if (field.secret) {
      settings.secret_fields.push_back(field.name);
    } else if (field.type == FieldType::text && field.choices.empty()) {
      settings.text_fields.push_back(field.name);
    }
  }
  return settings;
}

class ConfigReader {
 public:
  ConfigReader(const JsonDocument& document, const ExpandedTexts& texts, Findings& findings)
      : document_(document), texts_(texts), findings_(findings) {}

  void read(const std::string& key, const ConfigRules& rules, CertifySettings& settings) {
    pointer_ = member_pointer("", key);
    const Json* entry = document_.at(pointer_);
    if (entry == nullptr || !entry->is_object()) {
      if (entry != nullptr) {
        report("", "expected an object with \"config\"");
      }
      return;
    }
    refuse_unknown_keys(document_, pointer_,
                        {"config", "columns", "rows", "date", "may_remove", "change"}, findings_);
    settings.is_configured = true;
    read_settings(*entry, rules, settings);
    read_rows(*entry, settings);
    read_day(*entry, settings);
    const auto may_remove = entry->find("may_remove");
    settings.may_remove = may_remove != entry->end() && *may_remove == true;
    read_change(*entry, settings);
  }

 private:
  void read_settings(const Json& entry, const ConfigRules& rules, CertifySettings& settings) {
    const bool present = entry.contains("config");
    if (present && !entry["config"].is_object()) {
      return report("/config", "expected an object");
    }
    const ResolvedConfig resolved = resolve_config(
        rules, {document_, texts_, present ? pointer_ + "/config" : pointer_, present}, findings_);
    settings.entries.clear();
    for (const ResolvedEntry& found : resolved.entries) {
      settings.entries.push_back({found.name, found.item, found.value});
      if (found.is_secret && !found.value.empty()) {
        settings.secret_values.push_back(found.value);
      }
    }
  }

  void read_rows(const Json& entry, CertifySettings& settings) {
    if (!entry.contains("columns")) {
      return entry.contains("rows") ? report("/rows", "rows need \"columns\"") : void();
    }
    constexpr std::int64_t kMadeUp = 500;
    const auto schema = schema_from_json(entry["columns"]);
    if (!schema.ok()) {
      return report("/columns", schema.status().message());
    }
    if (!entry.contains("rows")) {
      settings.rows = ProbeRows::made_up(*schema, kMadeUp);
      return;
    }
    auto rows = ProbeRows::from_json(*schema, entry["rows"]);
    if (!rows.ok()) {
      return report("/rows", rows.status().message());
    }
    settings.rows = *std::move(rows);
  }

  void read_day(const Json& entry, CertifySettings& settings) {
    if (!entry.contains("date")) {
      return;
    }
    const auto day = parse_date(text_of(entry["date"]));
    if (!day) {
      return report("/date", "expected a date as \"2026-11-22\"");
    }
    settings.day = *day;
  }

  void read_change(const Json& entry, CertifySettings& settings) {
    if (!entry.contains("change")) {
      return;
    }
    const Json& command = entry["change"];
    const bool texts = command.is_array() && !command.empty() &&
                       std::all_of(command.begin(), command.end(),
                                   [](const Json& word) { return word.is_string(); });
    if (!texts) {
      return report("/change", "expected a command as an array of texts");
    }
    for (std::size_t i = 0; i < command.size(); ++i) {
      const auto expanded = texts_.find(item_pointer(pointer_ + "/change", i));
      settings.change.push_back(expanded == texts_.end() ? command[i].get<std::string>()
                                                         : expanded->second.text);
    }
  }

  void report(const std::string& below, const std::string& message) {
    findings_.push_back(
        finding_at_value(document_, pointer_ + below, "certify.settings", message, Show::nothing));
  }

  const JsonDocument& document_;
  const ExpandedTexts& texts_;
  Findings& findings_;
  std::string pointer_;
};

Result<std::string> text_of_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) {
    return Status(Code::invalid_argument, "cannot read the file of --config").at(file);
  }
  return text.str();
}

}  // namespace

std::string component_key(const PluginComponent& component) {
  return std::string(kind_name(component.kind)) + ":" + component.id;
}

Result<std::map<std::string, CertifySettings>> read_certify_config(
    const std::string& file, const std::vector<PluginComponent>& components,
    const VariableLookup& variables, Findings& findings) {
  std::string text = "{}";
  if (!file.empty()) {
    DAYMILL_ASSIGN(text, text_of_file(file));
  }
  const JsonDocument document = parse_json(file, std::move(text), findings);
  std::map<std::string, CertifySettings> all;
  if (has_errors(findings)) {
    return all;
  }
  const ExpandedTexts texts = expand_document(document, variables, findings);
  std::vector<std::string> keys;
  for (const PluginComponent& component : components) {
    DAYMILL_ASSIGN(const ConfigRules rules, parse_config_rules(component.config_spec));
    keys.push_back(component_key(component));
    CertifySettings& settings = all[keys.back()] = settings_of_spec(rules);
    ConfigReader(document, texts, findings).read(keys.back(), rules, settings);
  }
  return all;
}

}  // namespace daymill
