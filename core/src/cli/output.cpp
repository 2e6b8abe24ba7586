#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "observe/run_report.hpp"

namespace daymill {

namespace {

/// Code points, near enough to the width on a terminal for padding.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string error_text(const Status& status) {
  std::string text =
      "error: " + std::string(code_name(status.code())) + ": " + status.message() + "\n";
  if (!status.where().empty()) {
    text += "  at    " + status.where() + "\n";
  }
  if (!status.next().empty()) {
    text += "  next  " + status.next() + "\n";
  }
  return text;
}

void print_envelope(const std::string& command, const nlohmann::ordered_json& result,
                    const Status& error) {
  const nlohmann::ordered_json envelope = {
      {"command", command}, {"ok", error.ok()}, {"result", result}, {"error", to_json(error)}};
  std::puts(
      envelope.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

std::string json_text(const nlohmann::ordered_json& json, const std::string& indent) {
  constexpr std::size_t kWidth = 80;
  const bool object = json.is_object();
  if (!json.is_structured() || json.empty()) {
    return json.dump();
  }
  std::string line;
  std::string block;
  const std::string inner = indent + "  ";
  for (const auto& [key, value] : json.items()) {
    const std::string name = object ? nlohmann::ordered_json(key).dump() + ": " : "";
    line += (line.empty() ? "" : ", ") + name + json_text(value, inner);
    block += (block.empty() ? "\n" : ",\n") + inner + name + json_text(value, inner);
  }
  line = object ? "{ " + line + " }" : "[" + line + "]";
  if (indent.size() + line.size() <= kWidth && line.find('\n') == std::string::npos &&
      !indent.empty()) {
    return line;
  }
  return (object ? "{" : "[") + block + "\n" + indent + (object ? "}" : "]");
}

std::string wrapped(const std::string& sentences, const std::string& indent) {
  constexpr std::size_t kWidth = 100;
  std::string text;
  std::string line = indent;
  std::istringstream words(sentences);
  for (std::string word; words >> word;) {
    if (line != indent && width_of(line) + 1 + width_of(word) > kWidth) {
      text += line + "\n";
      line = indent;
    }
    line += (line == indent ? "" : " ") + word;
  }
  return text + line + "\n";
}

std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      text += i + 1 == row.size() ? "\n" : std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
  }
  return text;
}

}  // namespace daymill
