// Raw fields and values to typed rows and rejections.
#pragma once

#include <cstddef>
#include <memory>

#include "daymill/plugin.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {

/// Longest text column, in bytes.
inline constexpr std::size_t kMaxTextBytes = 1024;

/// A lane from Settings::raw_schema() to typed_schema(), for a split that holds the measure with
/// that index; the other measures' columns are null. Reasons of rejections are listed in README.md.
std::unique_ptr<Lane> make_decoder(const Settings& settings, std::size_t measure);

}  // namespace daymill::redis_hash
