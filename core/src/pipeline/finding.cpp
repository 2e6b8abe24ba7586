#include "pipeline/finding.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace daymill {
namespace {

constexpr std::size_t kLongestQuote = 80;

std::string_view severity_name(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

bool starts_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
}

std::string place(const Finding& finding) {
  std::string text = finding.file;
  if (finding.line != 0)
    text += ':' + std::to_string(finding.line) + ':' + std::to_string(finding.column);
  if (!text.empty())
    text += ": ";
  return text;
}

std::string excerpt_text(const Finding& finding) {
  const std::string number = std::to_string(finding.line);
  const std::string margin(number.size() + 2, ' ');
  return "  " + number + " | " + finding.excerpt + "\n" + margin + " | " +
         std::string(finding.caret_column - 1, ' ') + '^' +
         std::string(std::max<std::size_t>(finding.caret_length, 1) - 1, '~') + "\n";
}

std::string counted(std::size_t count, std::string_view word) {
  return std::to_string(count) + ' ' + std::string(word) + (count == 1 ? "" : "s");
}

}  // namespace

bool has_errors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

void sort_by_place(Findings& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
}

std::string to_text(const Finding& finding) {
  std::string text = place(finding) + std::string(severity_name(finding.severity)) + ": " +
                     finding.message + " (" + finding.code + ")\n";
  if (!finding.pointer.empty())
    text += "  at " + finding.pointer + "\n";
  if (!finding.excerpt.empty() && finding.caret_column != 0)
    text += excerpt_text(finding);
  if (!finding.found.empty())
    text += "  found: " + finding.found + "\n";
  if (!finding.expected.empty())
    text += "  expected: " + finding.expected + "\n";
  if (!finding.suggestion.empty())
    text += "  " + finding.suggestion + "\n";
  if (finding.fix)
    text += finding.fix->text.empty() ? "  --fix removes it\n"
                                      : "  --fix writes " + finding.fix->text + "\n";
  return text;
}

std::string to_text(const Findings& findings) {
  if (findings.empty())
    return {};
  std::string text;
  std::size_t errors = 0;
  for (const Finding& finding : findings) {
    text += to_text(finding) + "\n";
    errors += finding.severity == Severity::error ? 1u : 0u;
  }
  const std::size_t warnings = findings.size() - errors;
  if (errors != 0)
    text += counted(errors, "error");
  if (warnings != 0)
    text += (errors != 0 ? ", " : "") + counted(warnings, "warning");
  return text + "\n";
}

nlohmann::ordered_json to_json(const Finding& finding) {
  nlohmann::ordered_json json;
  json["code"] = finding.code;
  json["severity"] = severity_name(finding.severity);
  json["file"] = finding.file;
  json["line"] = finding.line;
  json["column"] = finding.column;
  json["pointer"] = finding.pointer;
  json["message"] = finding.message;
  json["found"] = finding.found;
  json["expected"] = finding.expected;
  json["suggestion"] = finding.suggestion;
  if (finding.fix)
    json["fix"] = {{"offset", finding.fix->offset},
                   {"length", finding.fix->length},
                   {"text", finding.fix->text}};
  return json;
}

nlohmann::ordered_json to_json(const Findings& findings) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (const Finding& finding : findings)
    array.push_back(to_json(finding));
  return array;
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  std::size_t code_points = 0;
  for (const char c : text) {
    if (starts_code_point(c) && ++code_points > kLongestQuote) {
      result += "…";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
      result += escape.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

}  // namespace daymill
