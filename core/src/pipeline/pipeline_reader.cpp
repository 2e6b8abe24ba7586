#include "pipeline/pipeline_reader.hpp"

#include <utility>

#include "pipeline/config_resolution.hpp"
#include "pipeline/json_excerpt.hpp"

namespace daymill {
namespace {

std::string key_of(const std::string& pointer) {
  return in_quotes(pointer.substr(pointer.rfind('/') + 1));
}

}  // namespace

bool PipelineReader::from_variable(const std::string& pointer) const {
  const auto text = texts_.find(pointer);
  return text != texts_.end() && text->second.replaced;
}

std::string PipelineReader::found_at(const std::string& pointer) const {
  const nlohmann::ordered_json* value = document_.at(pointer);
  return value == nullptr ? "nothing" : describe_value(*value);
}

bool PipelineReader::require_object(const std::string& pointer) {
  const nlohmann::ordered_json& value = *document_.at(pointer);
  if (value.is_object())
    return true;
  report(finding_at_value(document_, pointer, "config.wrong_type",
                          key_of(pointer) + " has the wrong type", Show::nothing),
         describe_value(value, true), "an object", "");
  return false;
}

std::optional<std::string> PipelineReader::read_text(const std::string& pointer, bool required) {
  const nlohmann::ordered_json* value = document_.at(pointer);
  if (value == nullptr) {
    if (required)
      report(finding_at_value(document_, pointer.substr(0, pointer.rfind('/')),
                              "pipeline.missing_key", key_of(pointer) + " is missing"),
             "", "a text", "");
    return std::nullopt;
  }
  if (!value->is_string()) {
    report(finding_at_value(document_, pointer, "config.wrong_type",
                            key_of(pointer) + " has the wrong type"),
           found_at(pointer), "a text", "");
    return std::nullopt;
  }
  const auto text = texts_.find(pointer);
  if (text == texts_.end())
    return value->get<std::string>();
  return text->second.problems.empty() ? std::optional(text->second.text) : std::nullopt;
}

void PipelineReader::report(Finding finding, std::string found, std::string expected,
                            std::string suggestion) {
  finding.found = std::move(found);
  finding.expected = std::move(expected);
  finding.suggestion = std::move(suggestion);
  findings_.push_back(std::move(finding));
}

void PipelineReader::report_value(const std::string& pointer, const std::string& code,
                                  const std::string& message, std::string suggestion,
                                  std::optional<TextEdit> fix) {
  Finding finding = finding_at_value(document_, pointer, code, key_of(pointer) + ": " + message);
  finding.fix = std::move(fix);
  report(std::move(finding), found_at(pointer), "", std::move(suggestion));
}

}  // namespace daymill
