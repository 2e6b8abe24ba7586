// Where the product's plugins differ, for the one suite that is run against all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daymill/config.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

struct Quirks {
  ComponentKind kind;
  const char* id;
  /// Settings beside those that the config spec gives by its defaults and examples.
  std::vector<Config::Entry> settings;
  /// Settings that replace those of the same name, and must be refused with INVALID_CONFIG.
  std::vector<Config::Entry> nonsense;
  /// A split that its decoder knows on 2026-11-22.
  const char* split = "";
};

/// Every component of the product has an entry.
const std::vector<Quirks>& all_quirks();

/// The component's entry, or null.
const Quirks* quirks_of(const PluginComponent& component);

/// What a pipeline would give: every default, the example of every required field, and the quirks.
std::vector<Config::Entry> example_settings(const PluginComponent& component);

/// `settings` with `others` in place of those of the same name.
std::vector<Config::Entry> with_settings(std::vector<Config::Entry> settings,
                                         const std::vector<Config::Entry>& others);

/// `settings` with the quirks' nonsense in place of what was right.
std::vector<Config::Entry> with_nonsense(const PluginComponent& component,
                                         std::vector<Config::Entry> settings);

}  // namespace daymill
