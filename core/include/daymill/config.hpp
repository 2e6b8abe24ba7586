// Declaring a component's configuration, and reading it.
//
//   ConfigSpec spec = ConfigSpec("Reads counters from Redis hashes")
//                         .add(text_field("host", "Host name or
//                         address").defaults_to("localhost").operational())
//                         .add(integer_field("port", "TCP port").defaults_to(6379).between(1,
//                         65535).operational()) .add(text_map_field("measures", "Measure to key
//                         template").required());
//   ...
//   const std::string host(config.text("host"));
//
// The host parses the pipeline's JSON, resolves variables, applies defaults and refuses what the
// spec does not allow, before a plugin sees anything. Of the same spec come the JSON Schema and the
// reference pages.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/abi.h"
#include "daymill/value.hpp"

namespace daymill {

namespace detail {
/// A JSON string literal of `text`, which must be UTF-8.
inline std::string json_string(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20) {
      out += "\\u00";
      out += {kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}
}  // namespace detail

/// One setting. Made by text_field() and its siblings, refined by the chained functions.
class ConfigField {
 public:
  ConfigField(std::string name, const char* type, std::string description)
      : name_(std::move(name)), type_(type), description_(std::move(description)) {}

  ConfigField required() && { return with("required", "true"); }
  ConfigField defaults_to(const char* value) && {
    return with("default", detail::json_string(value));
  }
  ConfigField defaults_to(bool value) && { return with("default", value ? "true" : "false"); }
  ConfigField defaults_to(int value) && { return with("default", std::to_string(value)); }
  ConfigField defaults_to(double value) && { return with("default", float64_text(value)); }
  /// Never printed, logged or journalled.
  ConfigField secret() && { return with("secret", "true"); }
  /// Does not change the rows: hosts, ports, users, time limits. Left out of the config digest, so
  /// that a server may move.
  ConfigField operational() && { return with("identity", "false"); }
  ConfigField one_of(const std::vector<std::string>& choices) && {
    std::string list = "[";
    for (const std::string& choice : choices) {
      list += (list.size() == 1 ? "" : ",") + detail::json_string(choice);
    }
    return with("choices", list + "]");
  }
  ConfigField between(std::int64_t minimum, std::int64_t maximum) && {
    attributes_.emplace_back("minimum", std::to_string(minimum));
    return with("maximum", std::to_string(maximum));
  }
  /// JSON text of an example value: "\"users\"", "5", "{\"clicks\": \"...\"}".
  ConfigField example(std::string json) && { return with("example", std::move(json)); }

  [[nodiscard]] std::string json() const {
    std::string out = "{\"name\":" + detail::json_string(name_) + ",\"type\":\"" + type_ +
                      "\",\"description\":" + detail::json_string(description_);
    for (const auto& [key, value] : attributes_) {
      out += ",\"" + key + "\":" + value;
    }
    return out + "}";
  }

 private:
  ConfigField with(const char* key, std::string json) {
    attributes_.emplace_back(key, std::move(json));
    return std::move(*this);
  }

  std::string name_;
  std::string type_;
  std::string description_;
  std::vector<std::pair<std::string, std::string>> attributes_;
};

inline ConfigField text_field(std::string name, std::string description) {
  return ConfigField(std::move(name), "text", std::move(description));
}
inline ConfigField integer_field(std::string name, std::string description) {
  return ConfigField(std::move(name), "integer", std::move(description));
}
inline ConfigField number_field(std::string name, std::string description) {
  return ConfigField(std::move(name), "number", std::move(description));
}
inline ConfigField boolean_field(std::string name, std::string description) {
  return ConfigField(std::move(name), "boolean", std::move(description));
}
/// A JSON array of strings.
inline ConfigField text_list_field(std::string name, std::string description) {
  return ConfigField(std::move(name), "text_list", std::move(description));
}
/// A JSON object whose values are strings; the order of the file is kept.
inline ConfigField text_map_field(std::string name, std::string description) {
  return ConfigField(std::move(name), "text_map", std::move(description));
}

/// All settings of a component.
class ConfigSpec {
 public:
  explicit ConfigSpec(std::string summary) : summary_(std::move(summary)) {}
  ConfigSpec add(const ConfigField& field) && {
    fields_ += (fields_.empty() ? "" : ",") + field.json();
    return std::move(*this);
  }
  [[nodiscard]] std::string json() const {
    return "{\"summary\":" + detail::json_string(summary_) + ",\"fields\":[" + fields_ + "]}";
  }

 private:
  std::string summary_;
  std::string fields_;
};

/// The resolved settings of one component, as the host hands them over: valid by the spec, defaults
/// filled in. Owns its texts.
class Config {
 public:
  struct Entry {
    std::string name;
    std::string item;  ///< list index or map key; empty for a scalar
    std::string value;
  };

  Config() = default;
  explicit Config(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  /// Is there a value? Always so for required fields and those with a default.
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Empty when the field is optional and absent.
  [[nodiscard]] std::string text(std::string_view name) const {
    const Entry* entry = find(name);
    return entry == nullptr ? std::string() : entry->value;
  }
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t absent = 0) const {
    const Entry* entry = find(name);
    return entry == nullptr ? absent : parse_int64(entry->value).value_or(absent);
  }
  [[nodiscard]] double number(std::string_view name, double absent = 0) const {
    const Entry* entry = find(name);
    return entry == nullptr ? absent : parse_float64(entry->value).value_or(absent);
  }
  [[nodiscard]] bool boolean(std::string_view name, bool absent = false) const {
    const Entry* entry = find(name);
    return entry == nullptr ? absent : entry->value == "true";
  }
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const {
    std::vector<std::string> values;
    for (const Entry& entry : entries_) {
      if (entry.name == name) {
        values.push_back(entry.value);
      }
    }
    return values;
  }
  /// Key and value pairs in the order of the file.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> map(std::string_view name) const {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const Entry& entry : entries_) {
      if (entry.name == name) {
        pairs.emplace_back(entry.item, entry.value);
      }
    }
    return pairs;
  }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  [[nodiscard]] const Entry* find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) {
        return &entry;
      }
    }
    return nullptr;
  }

  std::vector<Entry> entries_;
};

}  // namespace daymill
