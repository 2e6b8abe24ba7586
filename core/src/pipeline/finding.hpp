#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace daymill {

enum class Severity { error, warning };

// Bytes of a file to be replaced.
struct TextEdit {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string text;
};

// One thing found in a pipeline file: what, where, what was found, what was expected, what to do.
// A finding never carries the value of a secret field, nor the value of a variable: where a text
// came from `${NAME}`, the finding shows `${NAME}`.
struct Finding {
  std::string code;  // stable and dotted, e.g. "config.unknown_key"
  Severity severity = Severity::error;
  std::string file;              // as the user typed it; empty when the finding is not about a file
  std::size_t line = 0;          // 1-based; 0 when there is no place in the file
  std::size_t column = 0;        // 1-based, counted in code points
  std::string pointer;           // JSON pointer; empty for the document itself
  std::string message;           // one sentence without the code
  std::string found;             // may be empty
  std::string expected;          // may be empty
  std::string suggestion;        // "did you mean ..." or what to type; may be empty
  std::string excerpt;           // the line of the file with all other values blanked; may be empty
  std::size_t caret_column = 0;  // 1-based, in code points of `excerpt`
  std::size_t caret_length = 0;  // in code points
  // Writes what the user plainly meant; only where the file could mean nothing else.
  std::optional<TextEdit> fix;
};

using Findings = std::vector<Finding>;

bool has_errors(const Findings& findings);

// Into the order of the file.
void sort_by_place(Findings& findings);

// `pipelines/x.json:12:7: error: unknown key "tabel" (config.unknown_key)` and, indented below it,
// the pointer, the line with a caret, found, expected and the suggestion. Ends in a newline.
std::string to_text(const Finding& finding);

// All findings one after the other, and a last line with their number. Empty for no findings.
std::string to_text(const Findings& findings);

// Keys: code, severity, file, line, column, pointer, message, found, expected, suggestion, and fix
// (offset and length in bytes, text) where there is one.
nlohmann::ordered_json to_json(const Finding& finding);
nlohmann::ordered_json to_json(const Findings& findings);

// `text` in double quotes, control characters escaped, cut after 80 code points: safe for a
// terminal whatever a file held.
std::string in_quotes(std::string_view text);

}  // namespace daymill
