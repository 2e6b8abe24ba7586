// The settings with which components are certified: a JSON file in the manner of a pipeline.
//
//   { "source:csv":   { "config": { ... as in a pipeline ... }, "date": "2026-11-22" },
//     "transform:ctr": { "config": { ... }, "columns": { "ad_id": "int64 key", "clicks": "int64
//     measure" },
//                        "rows": [ { "ad_id": 1, "clicks": 2 } ] },
//     "source:redis_hash": { "config": { ... }, "may_remove": true, "change": ["redis-cli", ...] }
//     }
//
// `${NAME}` is replaced in "config" and "change" as in pipelines.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "certify/probe_rows.hpp"
#include "pipeline/config_resolution.hpp"
#include "pipeline/finding.hpp"
#include "pipeline/variables.hpp"
#include "plugin/plugin_component.hpp"

namespace daymill {

/// Of one component.
struct CertifySettings {
  std::vector<Config::Entry> entries;
  bool is_configured = false;     ///< from the file; otherwise defaults and examples of the spec
  std::optional<ProbeRows> rows;  ///< when "columns" are given
  std::int32_t day = 10957;       ///< 2000-01-01
  bool may_remove = false;
  std::vector<std::string> change;
  std::vector<std::string> secret_fields;
  std::vector<std::string> text_fields;
  std::vector<std::string> secret_values;  ///< never printed
};

/// "source:csv", as keys of the file.
std::string component_key(const PluginComponent& component);

/// Settings for each of `components`, by component_key(). `file` empty: for all of them the
/// defaults and examples of their specs. What is wrong with the file is a finding; INVALID_CONFIG
/// when a spec cannot be read.
Result<std::map<std::string, CertifySettings>> read_certify_config(
    const std::string& file, const std::vector<PluginComponent>& components,
    const VariableLookup& variables, Findings& findings);

}  // namespace daymill
