#pragma once

#include <optional>
#include <string>

#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"
#include "pipeline/variables.hpp"

namespace daymill {

// What the parts of the loader share: the document, its replaced variables, and the findings they
// add to. All three outlive the reader.
class PipelineReader {
 public:
  PipelineReader(const JsonDocument& document, const ExpandedTexts& texts, Findings& findings)
      : document_(document), texts_(texts), findings_(findings) {}

  const JsonDocument& document() const { return document_; }
  const ExpandedTexts& texts() const { return texts_; }
  Findings& findings() { return findings_; }

  bool present(const std::string& pointer) const { return document_.at(pointer) != nullptr; }
  // Does a variable's value stand there? Then it must not be shown.
  bool from_variable(const std::string& pointer) const;
  // What the file holds there, for people; never a variable's value.
  std::string found_at(const std::string& pointer) const;

  // Whether an object stands there; a finding if not. Something must stand there.
  bool require_object(const std::string& pointer);
  // The text there, variables replaced. Nothing when it is absent or has been reported; an absent
  // one is reported when it is required.
  std::optional<std::string> read_text(const std::string& pointer, bool required);

  void report(Finding finding, std::string found, std::string expected, std::string suggestion);
  // A finding about the value at `pointer`: its key, `message`, and what was found.
  void report_value(const std::string& pointer, const std::string& code, const std::string& message,
                    std::string suggestion, std::optional<TextEdit> fix = {});

 private:
  const JsonDocument& document_;
  const ExpandedTexts& texts_;
  Findings& findings_;
};

}  // namespace daymill
