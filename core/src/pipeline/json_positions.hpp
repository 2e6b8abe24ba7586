#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/finding.hpp"

namespace daymill {

// A piece of a document's text, in bytes.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
};

// Both 1-based; columns count code points, so that they agree with what an editor shows.
struct Position {
  std::size_t line = 0;
  std::size_t column = 0;
};

inline constexpr std::size_t kLargestDocument = 1024 * 1024;  // bytes
inline constexpr std::size_t kDeepestDocument = 64;           // nested objects and arrays

// A JSON text together with where each of its keys and values stands. Immutable once parsed.
class JsonDocument {
 public:
  JsonDocument(std::string file, std::string text);

  const std::string& file() const { return file_; }
  const std::string& text() const { return text_; }
  // Members in the order of the file. Discarded (`root().is_discarded()`) when malformed.
  const nlohmann::ordered_json& root() const { return root_; }
  // Null when there is nothing at `pointer`.
  const nlohmann::ordered_json* at(const std::string& pointer) const;

  std::optional<Span> value_span(const std::string& pointer) const;
  // The key of the member at `pointer`, quotes included; none for array items and the root.
  std::optional<Span> key_span(const std::string& pointer) const;
  Position position(std::size_t offset) const;
  std::string_view raw(Span span) const;
  // The whole line (without its end) that holds `offset`.
  Span line_at(std::size_t offset) const;

 private:
  friend class PositionRecorder;
  friend JsonDocument parse_json(std::string file, std::string text, Findings& findings);
  struct Place {
    Span key;
    Span value;
  };

  std::size_t line_index(std::size_t offset) const;          // 0-based
  std::size_t code_points_before(std::size_t offset) const;  // from the start of the text

  std::string file_;
  std::string text_;
  nlohmann::ordered_json root_;
  std::unordered_map<std::string, Place> places_;
  std::vector<std::size_t> line_starts_;
  std::vector<std::size_t> block_code_points_;  // before each block of the text
};

// Parses `text`. Adds a finding, and leaves the root discarded, for: more than kLargestDocument
// bytes, a byte order mark, invalid UTF-8, malformed JSON, content after the value, nesting deeper
// than kDeepestDocument. Adds a finding, and goes on, for each key that an object holds twice
// (reported at the second; the first is the one that counts) and for NUL in a text.
JsonDocument parse_json(std::string file, std::string text, Findings& findings);

// The pointer of a member of the object, or of an item of the array, at `pointer`.
std::string member_pointer(const std::string& pointer, std::string_view key);
std::string item_pointer(const std::string& pointer, std::size_t index);

// Byte offset of the first byte that is not well-formed UTF-8.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

}  // namespace daymill
