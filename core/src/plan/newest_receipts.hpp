// The receipts that count for a decision: of each split the one of its newest generation.
#pragma once

#include <map>
#include <string>

#include "daymill/plugin.hpp"

namespace daymill {

/// By split; pointers into `evidence`.
inline std::map<std::string, const Receipt*> newest_receipts(const Evidence& evidence) {
  std::map<std::string, const Receipt*> newest;
  for (const Receipt& receipt : evidence.receipts) {
    const Receipt*& known = newest[receipt.split];
    if (known == nullptr || known->generation < receipt.generation) {
      known = &receipt;
    }
  }
  return newest;
}

}  // namespace daymill
