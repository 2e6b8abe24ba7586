#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daymill/status.hpp"
#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"

namespace daymill {

// Where `${NAME}` and `${file:/path}` get their values from.
struct VariableLookup {
  std::function<std::optional<std::string>(const std::string& name)> variable;
  std::function<Result<std::string>(const std::string& path)> file;
};

// The process's environment and the file system.
VariableLookup environment_variables();

// The content of a file for `${file:...}`: at most 64 KiB, UTF-8 without NUL, without one newline
// at its end. NOT_FOUND, PERMISSION_DENIED or INVALID_CONFIG; the message never shows the content.
Result<std::string> read_variable_file(const std::string& path);

// One `${...}` that stands in a text.
struct VariableUse {
  std::string name;  // NAME, or file:/path
  bool set = false;  // false: the default was used, or it is missing
  bool has_default = false;
};

struct VariableProblem {
  std::string code;        // variables.unset, variables.syntax or variables.file
  std::string expression;  // the part of the text it is about; holds no value
  std::string message;
  std::string suggestion;
};

// A text in which the expressions have been replaced.
struct ExpandedText {
  std::string text;       // may be a secret
  bool replaced = false;  // at least one expression stood in it
  bool literal = false;   // some of the text stands in the pipeline file itself (defaults as well)
  std::vector<VariableUse> uses;
  std::vector<VariableProblem> problems;
};

// `${NAME}` must be set; `${NAME:-default}` falls back to the default when NAME is unset or empty;
// `${file:/path}` is the file's content; `$${` stands for `${`. Expressions do not nest.
ExpandedText expand_text(std::string_view text, const VariableLookup& lookup);

// By JSON pointer: every string value of the document in which a `$` stands.
using ExpandedTexts = std::unordered_map<std::string, ExpandedText>;

// Adds one finding for every problem.
ExpandedTexts expand_document(const JsonDocument& document, const VariableLookup& lookup,
                              Findings& findings);

}  // namespace daymill
