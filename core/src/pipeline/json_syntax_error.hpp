#pragma once

#include <cstddef>

#include "pipeline/finding.hpp"
#include "pipeline/json_positions.hpp"

namespace daymill {

// What the parser had read last when it stopped.
enum class SyntaxState { start, after_key, after_open, after_value };

struct SyntaxPlace {
  std::size_t cursor;     // offset just behind the last good token
  std::size_t last_read;  // offset of the last byte the parser looked at
  SyntaxState state;
  bool outside;   // the whole document, not inside an object or array
  bool in_array;  // the innermost open one is an array
  bool number_out_of_range;
};

// A plain sentence about the first thing that is not JSON, code "json.syntax". Never quotes a
// value.
Finding describe_syntax_error(const JsonDocument& document, const SyntaxPlace& place);

}  // namespace daymill
