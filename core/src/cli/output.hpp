// What commands print: data on stdout, everything else on stderr; text for people or JSON for
// programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daymill/status.hpp"

namespace daymill {

enum class OutputFormat { text = 1, json };

/// An error for people, several lines: what, where, and what to type next. `redact` is applied to
/// all of it.
std::string error_text(const Status& status);

/// {"command", "ok", "result", "error"} on one line, as every command prints with --output json.
void print_envelope(const std::string& command, const nlohmann::ordered_json& result,
                    const Status& error);

/// JSON as people write it, over several lines: what fits on a line stands on one.
std::string json_text(const nlohmann::ordered_json& json, const std::string& indent = "");

/// Sentences in lines of at most 100 characters, each after `indent`; ends in a newline.
std::string wrapped(const std::string& sentences, const std::string& indent);

/// Columns padded to their widest cell; the first row is the head.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

}  // namespace daymill
