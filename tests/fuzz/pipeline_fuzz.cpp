// Pipeline files. Whatever the text is, what is wrong with it is said, each finding with a place
// inside the file, and none shows what a variable holds.
#include <algorithm>
#include <optional>
#include <string>

#include "fuzz.hpp"
#include "pipeline/load_pipeline.hpp"

namespace daymill {
namespace {

constexpr const char* kSpec = R"({"fields": [
  {"name": "host", "type": "text", "required": true},
  {"name": "port", "type": "integer", "default": 6379, "minimum": 1, "maximum": 65535},
  {"name": "password", "type": "text", "secret": true},
  {"name": "key", "type": "text_list"},
  {"name": "measures", "type": "text_map"},
  {"name": "remove", "type": "text", "choices": ["never", "after_load"]}]})";
const std::string kSecret = "s3cr3t";

SpecAnswer spec(ComponentKind /*kind*/, const std::string& plugin) {
  SpecAnswer answer;
  answer.known_ids = {"known"};
  if (plugin == "known") {
    answer.state = SpecAnswer::State::found;
    answer.spec_json = kSpec;
  }
  return answer;
}

void check_finding(const Finding& finding, const std::string& text) {
  const auto num_lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  fuzz::check(!finding.message.empty(), "a finding says something");
  fuzz::check(finding.line <= num_lines, "a finding is in the file");
  fuzz::check(!finding.fix || finding.fix->offset + finding.fix->length <= text.size(),
              "a correction is in the file");
  fuzz::check(text.find(kSecret) != std::string::npos ||
                  (to_text(finding) + to_json(finding).dump()).find(kSecret) == std::string::npos,
              "no finding shows what a variable holds");
}

}  // namespace
}  // namespace daymill

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daymill;
  const std::string text(fuzz::text_of(data, size));
  VariableLookup variables;
  variables.variable = [](const std::string& /*name*/) { return std::optional(kSecret); };
  variables.file = [](const std::string& /*path*/) -> Result<std::string> { return kSecret; };
  const LoadedPipeline loaded = parse_pipeline("any.json", text, spec, variables);
  fuzz::check(loaded.document != nullptr || !loaded.ok(), "what cannot be read is not ok");
  for (const Finding& finding : loaded.findings) {
    check_finding(finding, text);
  }
  return 0;
}
