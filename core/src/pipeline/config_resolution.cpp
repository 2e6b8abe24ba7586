#include "pipeline/config_resolution.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "daymill/value.hpp"
#include "pipeline/did_you_mean.hpp"
#include "pipeline/fixes.hpp"
#include "pipeline/json_excerpt.hpp"

namespace daymill {
namespace {

using Json = nlohmann::ordered_json;

std::string number_text(const Json& value) {
  if (value.is_number_unsigned())
    return std::to_string(value.get<std::uint64_t>());
  if (value.is_number_integer())
    return std::to_string(value.get<std::int64_t>());
  return float64_text(value.get<double>());
}

std::string scalar_text(const Json& value) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_boolean())
    return value.get<bool>() ? "true" : "false";
  return number_text(value);
}

// The JSON value that a text stands for in a field of this type.
std::optional<Json> read_as(FieldType type, const std::string& text) {
  if (type == FieldType::boolean) {
    const auto value = parse_boolean(text);
    return value ? std::optional<Json>(*value) : std::nullopt;
  }
  if (const auto value = parse_int64(text))
    return Json(*value);
  if (type == FieldType::number) {
    if (const auto value = parse_float64(text))
      return Json(*value);
  }
  return std::nullopt;
}

bool fits_scalar(FieldType type, const Json& value) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  switch (type) {
    case FieldType::integer:
      return value.is_number_integer() &&
             (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kLargest);
    case FieldType::number:
      return value.is_number();
    case FieldType::boolean:
      return value.is_boolean();
    case FieldType::text:
    case FieldType::text_list:
    case FieldType::text_map:
      return value.is_string();
  }
  return false;
}

std::string joined(const std::vector<std::string>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i)
    text += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + in_quotes(choices[i]);
  return text;
}

std::string bounds_text(const FieldRule& rule) {
  if (rule.minimum && rule.maximum)
    return number_text(*rule.minimum) + " to " + number_text(*rule.maximum);
  if (rule.minimum)
    return "at least " + number_text(*rule.minimum);
  return "at most " + number_text(*rule.maximum);
}

std::vector<std::string> unused_names(const std::vector<std::string>& names, const Json& object) {
  std::vector<std::string> unused;
  for (const std::string& name : names) {
    if (!object.contains(name))
      unused.push_back(name);
  }
  return unused;
}

class ConfigResolver {
 public:
  ConfigResolver(const ConfigRules& rules, const ConfigPlace& place, Findings& findings)
      : rules_(rules), place_(place), findings_(findings) {}

  ResolvedConfig resolve() {
    const Json empty = Json::object();
    const Json* object = place_.present ? place_.document.at(place_.pointer) : &empty;
    result_.shown = *object;
    for (const FieldRule& rule : rules_.fields) {
      const auto member = object->find(rule.name);
      if (member != object->end())
        resolve_field(rule, *member, member_pointer(place_.pointer, rule.name));
      else if (rule.default_value)
        use_default(rule);
      else if (rule.required && !is_misspelt(rule.name, *object, rules_.names()))
        missing_.push_back(&rule);
    }
    report_missing();
    if (place_.present)
      refuse_unknown_keys(place_.document, place_.pointer, rules_.names(), findings_);
    for (auto& [key, value] : result_.shown.items()) {
      if (rules_.find(key) == nullptr)
        value = "***";  // unknown, so it may be a secret
    }
    return std::move(result_);
  }

 private:
  void resolve_field(const FieldRule& rule, const Json& value, const std::string& pointer) {
    const bool list = rule.type == FieldType::text_list && value.is_array();
    const bool map = rule.type == FieldType::text_map && value.is_object();
    if ((list || map) && value.empty() && rule.required) {
      report_empty(rule, value, pointer);
    } else if (list) {
      for (std::size_t i = 0; i < value.size(); ++i)
        resolve_value(rule, std::to_string(i), value[i], item_pointer(pointer, i),
                      result_.shown[rule.name][i]);
    } else if (map) {
      for (const auto& [key, item] : value.items())
        resolve_value(rule, key, item, member_pointer(pointer, key), result_.shown[rule.name][key]);
    } else if (rule.type == FieldType::text_list || rule.type == FieldType::text_map) {
      report_type(rule, value, pointer, field_type_phrase(rule.type));
      if (rule.secret)
        result_.shown[rule.name] = "***";
    } else {
      resolve_value(rule, "", value, pointer, result_.shown[rule.name]);
    }
  }

  void resolve_value(const FieldRule& rule, const std::string& item, const Json& value,
                     const std::string& pointer, Json& shown) {
    const auto expanded = place_.texts.find(pointer);
    const bool from_text = expanded != place_.texts.end();
    if (rule.secret)
      hide_secret(rule, value, pointer, shown);
    if (from_text && !expanded->second.problems.empty())
      return;  // already reported
    Json actual = from_text ? Json(expanded->second.text) : value;
    const bool replaced = from_text && expanded->second.replaced;
    if (replaced && !fits_scalar(rule.type, actual)) {
      if (auto read = read_as(rule.type, expanded->second.text))
        actual = std::move(*read);
    }
    if (!fits_scalar(rule.type, actual))
      return report_type(rule, value, pointer, item_phrase(rule, item), item);
    if (rule.required && item.empty() && actual.is_string() &&
        actual.get_ref<const std::string&>().empty())
      return report_empty(rule, value, pointer);
    if (check_choices(rule, actual, value, pointer) && check_bounds(rule, actual, value, pointer))
      add_entry(rule, item, actual, rule.secret || from_file(expanded));
  }

  void add_entry(const FieldRule& rule, const std::string& item, const Json& value, bool secret) {
    result_.entries.push_back(
        {rule.name, item, scalar_text(value), secret, rule.identity && !rule.secret});
  }

  bool from_file(ExpandedTexts::const_iterator expanded) const {
    if (expanded == place_.texts.end())
      return false;
    for (const VariableUse& use : expanded->second.uses) {
      if (use.name.compare(0, 5, "file:") == 0)
        return true;
    }
    return false;
  }

  // In what may be printed a secret is *** unless it is nothing but references; and when it is
  // not, the user is told.
  void hide_secret(const FieldRule& rule, const Json& value, const std::string& pointer,
                   Json& shown) {
    const auto expanded = place_.texts.find(pointer);
    const bool reference =
        expanded != place_.texts.end() && expanded->second.replaced && !expanded->second.literal;
    const bool empty = value.is_string() && value.get_ref<const std::string&>().empty();
    if (reference || empty)
      return;
    shown = "***";
    if (!value.is_string())
      return;
    Finding finding = finding_at_value(place_.document, pointer, "secret.inline",
                                       "the secret " + in_quotes(rule.name) + " stands in the file",
                                       Show::nothing);
    finding.severity = Severity::warning;
    finding.suggestion = "write \"${NAME}\" or \"${file:/path}\" instead";
    findings_.push_back(std::move(finding));
  }

  static std::string item_phrase(const FieldRule& rule, const std::string& item) {
    const bool many = rule.type == FieldType::text_list || rule.type == FieldType::text_map;
    return many && !item.empty() ? "a text" : field_type_phrase(rule.type);
  }

  void report_type(const FieldRule& rule, const Json& value, const std::string& pointer,
                   const std::string& expected, const std::string& item = {}) {
    std::string subject = in_quotes(rule.name);
    if (rule.type == FieldType::text_map && !item.empty())
      subject = in_quotes(item) + " in " + subject;
    else if (!item.empty())
      subject = "item " + item + " of " + subject;
    Finding finding = finding_at_value(place_.document, pointer, "config.wrong_type",
                                       subject + " has the wrong type", show(rule));
    finding.found = found(rule, value, pointer);
    finding.expected = expected;
    if (const auto right = rightly_typed(rule, value)) {
      const std::string text = right->dump();
      finding.suggestion = value.is_string() && !right->is_array()
                               ? "write " + text + " without quotes"
                               : "write " + text;
      const Span span = *place_.document.value_span(pointer);
      finding.fix = TextEdit{span.offset, span.length, text};
    } else if (value.is_null() && !rule.secret) {
      finding.suggestion = "remove the key to leave it out";
    }
    findings_.push_back(std::move(finding));
  }

  // What a value of the wrong type plainly stands for: "6379" for a number, 5 for a text, one text
  // for a list. Never of a secret, which must not be shown, nor of a variable.
  static std::optional<Json> rightly_typed(const FieldRule& rule, const Json& value) {
    if (rule.secret)
      return std::nullopt;
    if (rule.type == FieldType::text_list && value.is_string())
      return Json::array({value});
    if (value.is_string() && rule.type != FieldType::text_map) {
      auto read = read_as(rule.type, value.get_ref<const std::string&>());
      if (read && fits_scalar(rule.type, *read))
        return read;
    }
    if ((value.is_number() || value.is_boolean()) && rule.type == FieldType::text)
      return Json(scalar_text(value));
    return std::nullopt;
  }

  bool check_choices(const FieldRule& rule, const Json& actual, const Json& value,
                     const std::string& pointer) {
    if (rule.choices.empty())
      return true;
    const std::string text = scalar_text(actual);
    for (const std::string& choice : rule.choices) {
      if (text == choice)
        return true;
    }
    Finding finding =
        finding_at_value(place_.document, pointer, "config.not_a_choice",
                         in_quotes(rule.name) + " has a value it cannot have", show(rule));
    finding.found = found(rule, value, pointer);
    finding.expected = joined(rule.choices);
    if (!rule.secret && place_.texts.find(pointer) == place_.texts.end()) {
      finding.suggestion = did_you_mean(text, rule.choices);
      finding.fix = fix_of_case(place_.document, pointer, rule.choices);
    }
    findings_.push_back(std::move(finding));
    return false;
  }

  bool check_bounds(const FieldRule& rule, const Json& actual, const Json& value,
                    const std::string& pointer) {
    if (!actual.is_number())
      return true;
    if ((!rule.minimum || actual >= *rule.minimum) && (!rule.maximum || actual <= *rule.maximum))
      return true;
    Finding finding = finding_at_value(place_.document, pointer, "config.out_of_range",
                                       in_quotes(rule.name) + " is out of range", show(rule));
    finding.found = found(rule, value, pointer);
    finding.expected = bounds_text(rule);
    findings_.push_back(std::move(finding));
    return false;
  }

  void report_missing() {
    if (!place_.present && !missing_.empty())
      return report_missing_config();
    for (const FieldRule* rule : missing_) {
      Finding finding = finding_at_value(place_.document, place_.pointer, "config.missing_key",
                                         in_quotes(rule->name) + " is missing");
      finding.expected = field_type_phrase(rule->type);
      if (!rule->description.empty())
        finding.expected += ": " + rule->description;
      finding.suggestion = example(*rule);
      findings_.push_back(std::move(finding));
    }
  }

  void report_missing_config() {
    std::string names;
    for (std::size_t i = 0; i < missing_.size(); ++i)
      names += (i == 0                     ? ""
                : i + 1 == missing_.size() ? " and "
                                           : ", ") +
               in_quotes(missing_[i]->name);
    Finding finding = finding_at_value(place_.document, place_.pointer, "config.missing_key",
                                       "\"config\" is missing");
    finding.expected = "an object with at least " + names;
    findings_.push_back(std::move(finding));
  }

  // A required setting that is there and says nothing.
  void report_empty(const FieldRule& rule, const Json& value, const std::string& pointer) {
    Finding finding = finding_at_value(place_.document, pointer, "config.empty",
                                       in_quotes(rule.name) + " is empty", show(rule));
    if (value.is_string())
      finding.found = found(rule, value, pointer);
    finding.expected = field_type_phrase(rule.type);
    finding.suggestion = example(rule);
    findings_.push_back(std::move(finding));
  }

  static std::string example(const FieldRule& rule) {
    return rule.example ? "as in " + in_quotes(rule.name) + ": " + rule.example->dump() : "";
  }

  void use_default(const FieldRule& rule) {
    const Json& value = *rule.default_value;
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i)
        add_entry(rule, std::to_string(i), value[i], rule.secret);
    } else if (value.is_object()) {
      for (const auto& [key, item] : value.items())
        add_entry(rule, key, item, rule.secret);
    } else {
      add_entry(rule, "", value, rule.secret);
    }
  }

  static Show show(const FieldRule& rule) { return rule.secret ? Show::nothing : Show::text; }

  // What stands in the file, never what a variable holds.
  std::string found(const FieldRule& rule, const Json& value, const std::string& pointer) const {
    const auto expanded = place_.texts.find(pointer);
    if (expanded == place_.texts.end() || !expanded->second.replaced)
      return describe_value(value, rule.secret);
    return rule.secret ? "the value of a variable"
                       : "the value of " + in_quotes(value.get_ref<const std::string&>());
  }

  const ConfigRules& rules_;
  const ConfigPlace& place_;
  Findings& findings_;
  ResolvedConfig result_;
  std::vector<const FieldRule*> missing_;
};

}  // namespace

ResolvedConfig resolve_config(const ConfigRules& rules, const ConfigPlace& place,
                              Findings& findings) {
  return ConfigResolver(rules, place, findings).resolve();
}

void refuse_unknown_keys(const JsonDocument& document, const std::string& pointer,
                         const std::vector<std::string>& known, Findings& findings) {
  const Json* object = document.at(pointer);
  std::vector<std::string> unused = unused_names(known, *object);
  for (const auto& [key, value] : object->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end())
      continue;
    Finding finding = finding_at_key(document, member_pointer(pointer, key), "config.unknown_key",
                                     "unknown key " + in_quotes(key));
    finding.suggestion = did_you_mean(key, unused);
    if (const auto span = document.key_span(finding.pointer); span && !finding.suggestion.empty()) {
      const std::string meant = closest(key, unused);
      finding.fix = TextEdit{span->offset, span->length, in_quotes(meant)};
      std::erase(unused, meant);  // two keys cannot both mean it
    }
    if (finding.suggestion.empty())
      finding.expected = known.empty() ? "no keys at all" : joined(known);
    findings.push_back(std::move(finding));
  }
}

bool is_misspelt(const std::string& name, const nlohmann::ordered_json& object,
                 const std::vector<std::string>& known) {
  const std::vector<std::string> unused = unused_names(known, object);
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end() && closest(key, unused) == name)
      return true;
  }
  return false;
}

std::string describe_value(const nlohmann::ordered_json& value, bool hide) {
  if (value.is_string())
    return hide ? "a text" : "the text " + in_quotes(value.get_ref<const std::string&>());
  if (value.is_number())
    return hide ? "a number" : "the number " + number_text(value);
  if (value.is_boolean())
    return hide ? "true or false" : scalar_text(value);
  if (value.is_array())
    return "a list";
  return value.is_object() ? "an object" : "null";
}

}  // namespace daymill
