// One line of JSON to the values of declared columns. nlohmann/json does the parsing; it is
// included by json_line.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <daymill/schema.hpp>

namespace daymill::jsonl {

/// What the line holds for one column.
struct JsonValue {
  enum class Kind { absent, null, boolean, integer, number, text, other };
  Kind kind = Kind::absent;
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::string text;  ///< of text; of a number as it is written; of others, what it is: "an array"
};

/// Parses lines for one schema. Reuses its memory; not thread-safe.
class JsonLine {
 public:
  explicit JsonLine(Schema columns);

  /// False when the line is not one JSON object or when it names a column twice; reason() and
  /// message() say why. Keys that are no columns are passed over, whatever they hold.
  bool parse(std::string_view line);
  [[nodiscard]] const JsonValue& value(std::size_t column) const { return values_[column]; }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  /// Fits the value its column's type? (A number fits a float64, a text may still be no date.)
  [[nodiscard]] bool fits(std::size_t column) const;
  /// The keys' values as one canonical JSON array, the same bytes for the same values; empty when
  /// one of them is missing or does not fit.
  [[nodiscard]] std::string canonical_key() const;

 private:
  class Events;

  Schema columns_;
  std::vector<std::size_t> keys_;
  std::vector<JsonValue> values_;
  std::string reason_;
  std::string message_;
};

}  // namespace daymill::jsonl
