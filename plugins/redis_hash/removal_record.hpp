// The removal record: the only authority on whether a key was removed, and how often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daymill/status.hpp"

namespace daymill::redis_hash {

/// "<generation> <pipeline> <fingerprint>" under record_key(key), set in the MULTI that unlinks the
/// key.
struct RemovalRecord {
  std::int64_t generation = 0;  ///< 0: never removed
  std::string pipeline;
  std::string fingerprint;
  std::string problem;  ///< not empty: there is something else under that name

  friend bool operator==(const RemovalRecord&, const RemovalRecord&) = default;
};

/// Nothing there: never removed.
RemovalRecord parse_record(std::string_view record_name, std::optional<std::string_view> content);

/// INVALID_ARGUMENT when pipeline or fingerprint are empty or hold white space, or when the
/// generation is below 1: such a record could not be read back.
Result<std::string> record_text(std::int64_t generation, std::string_view pipeline,
                                std::string_view fingerprint);

}  // namespace daymill::redis_hash
