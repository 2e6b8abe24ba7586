#include "pipeline/fixes.hpp"

#include <strings.h>

#include <algorithm>

namespace daymill {

std::optional<TextEdit> fix_of_case(const JsonDocument& document, const std::string& pointer,
                                    const std::vector<std::string>& names) {
  const nlohmann::ordered_json* value = document.at(pointer);
  if (value == nullptr || !value->is_string())
    return std::nullopt;
  const auto& text = value->get_ref<const std::string&>();
  for (const std::string& name : names) {
    if (strcasecmp(name.c_str(), text.c_str()) == 0) {
      const Span span = *document.value_span(pointer);
      return TextEdit{span.offset, span.length, in_quotes(name)};
    }
  }
  return std::nullopt;
}

std::string apply_fixes(std::string_view text, const Findings& findings, int& count) {
  std::vector<TextEdit> edits;
  for (const Finding& finding : findings) {
    if (finding.fix)
      edits.push_back(*finding.fix);
  }
  std::stable_sort(edits.begin(), edits.end(),
                   [](const TextEdit& a, const TextEdit& b) { return a.offset < b.offset; });
  std::string fixed;
  std::size_t done = 0;  // bytes of `text` that are in `fixed`
  count = 0;
  for (const TextEdit& edit : edits) {
    if (edit.offset < done || edit.offset + edit.length > text.size())
      continue;
    fixed += text.substr(done, edit.offset - done);
    fixed += edit.text;
    done = edit.offset + edit.length;
    ++count;
  }
  fixed += text.substr(done);
  return fixed;
}

}  // namespace daymill
