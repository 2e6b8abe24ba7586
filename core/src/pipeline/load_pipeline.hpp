#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/definition.hpp"
#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"
#include "pipeline/variables.hpp"

namespace daymill {

// What is known about a plugin that a pipeline names.
struct SpecAnswer {
  enum class State { found, unknown, disabled };
  State state = State::unknown;
  std::string spec_json;               // found: the component's config spec
  std::vector<std::string> known_ids;  // unknown: the ids of this kind that there are
  std::string reason;                  // disabled: why, in one sentence
};

using SpecLookup = std::function<SpecAnswer(ComponentKind kind, const std::string& plugin)>;

struct LoadedPipeline {
  PipelineDefinition definition;                 // usable only when `ok()`
  Findings findings;                             // in the order of the file
  std::shared_ptr<const JsonDocument> document;  // null when the file could not be read

  bool ok() const { return !has_errors(findings); }
};

// Small letters, digits and _, a letter first, at most 63 characters.
bool is_pipeline_name(const std::string& name);
// What `name` probably should be: "Ad CTR" gives "ad_ctr". May be empty.
std::string suggested_pipeline_name(const std::string& name);

// Reads and checks a pipeline file without reaching any server. All findings are collected, not
// only the first. A file that cannot be read gives one finding, code "file.unreadable".
LoadedPipeline load_pipeline(const std::string& file, const SpecLookup& specs,
                             const VariableLookup& variables);

// The same for a text that is in memory; `file` is what findings call it.
LoadedPipeline parse_pipeline(const std::string& file, std::string text, const SpecLookup& specs,
                              const VariableLookup& variables);

}  // namespace daymill
