// The source's configuration, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "daymill/plugin.hpp"
#include "field_pattern.hpp"
#include "key_template.hpp"

namespace daymill::redis_hash {

struct Measure {
  std::string name;
  std::vector<KeyTemplate> keys;  ///< of the hashes that it lies in, at least one
};

/// One of the hashes of a day.
struct HashNumber {
  std::size_t measure = 0;
  std::size_t shard = 0;  ///< of the measure's keys
};

struct Settings {
  Endpoint endpoint;
  std::int64_t scan_count = 500;  ///< HSCAN COUNT at most
  FieldPattern pattern;
  std::vector<Measure> measures;
  bool removes = false;

  static ConfigSpec spec();
  /// INVALID_CONFIG with what was found and expected.
  static Result<Settings> from(const Config& config);

  /// Key columns of the pattern, then the measures.
  [[nodiscard]] Schema typed_schema() const;
  /// field and value, as Redis holds them.
  [[nodiscard]] static Schema raw_schema();
  /// Which measure `key` holds on that day, and in which of its hashes.
  [[nodiscard]] std::optional<HashNumber> number_of(std::string_view key, std::int32_t day) const;
  /// Into how many shards a day is cut: as many hashes as every measure has. 1 when one has more
  /// than another.
  [[nodiscard]] std::size_t num_shards() const;
};

}  // namespace daymill::redis_hash
