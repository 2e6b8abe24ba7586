#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/config_spec.hpp"
#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"
#include "pipeline/variables.hpp"

namespace daymill {

// One value as a plugin gets it (the SDK's Config::Entry, and whether it may be shown).
struct ResolvedEntry {
  std::string name;
  std::string item;   // index of a list, key of a map; empty for a scalar
  std::string value;  // numbers in decimal, booleans as true or false
  bool is_secret = false;
  bool identity = true;  // changes the rows: part of the config digest

  // The value, or *** for a secret: the only way in which it may be printed.
  std::string shown() const { return is_secret ? "***" : value; }
};

// Where the object that is resolved stands.
struct ConfigPlace {
  const JsonDocument& document;
  const ExpandedTexts& texts;
  std::string pointer;  // of the object; when it is absent, of what it is missing in
  bool present = true;
};

struct ResolvedConfig {
  std::vector<ResolvedEntry> entries;  // in the order of the rules, defaults filled in
  nlohmann::ordered_json shown;        // as in the file, with `${NAME}` and *** instead of values
};

// Applies `rules` to the object at `place`: unknown keys, missing keys, types, choices and bounds
// each give a finding; what is right is resolved all the same. A text that came from a variable is
// read as the number or boolean that the rule wants. A secret that stands in the file is a warning.
ResolvedConfig resolve_config(const ConfigRules& rules, const ConfigPlace& place,
                              Findings& findings);

// One finding for every member of the object at `pointer` that is not among `known`.
void refuse_unknown_keys(const JsonDocument& document, const std::string& pointer,
                         const std::vector<std::string>& known, Findings& findings);

// Whether an unknown key of `object` gets the suggestion `name`: then that it is missing need not
// be said as well.
bool is_misspelt(const std::string& name, const nlohmann::ordered_json& object,
                 const std::vector<std::string>& known);

// What a value is, for people: `the text "abc"`, `the number 5`, `a list`. With `hide`, only its
// type.
std::string describe_value(const nlohmann::ordered_json& value, bool hide = false);

}  // namespace daymill
