// The three kinds of components a pipeline is made of.
#pragma once

#include <cstdint>

#include "daymill/abi.h"

namespace daymill {

enum class ComponentKind : std::int32_t {
  source = DAYMILL_KIND_SOURCE,
  transform = DAYMILL_KIND_TRANSFORM,
  sink = DAYMILL_KIND_SINK,
};

/// "source", "transform" or "sink".
inline const char* kind_name(ComponentKind kind) {
  switch (kind) {
    case ComponentKind::source:
      return "source";
    case ComponentKind::transform:
      return "transform";
    case ComponentKind::sink:
      return "sink";
  }
  return "";
}

}  // namespace daymill
