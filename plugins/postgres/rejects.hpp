// The rows that could not be used, as the newest load of a day left them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "binding.hpp"
#include "daymill/plugin.hpp"

namespace daymill::postgres {

/// At most `most`, ordered by split, generation and bytes.
[[nodiscard]] Result<std::vector<RejectRow>> read_rejects(Connection& connection,
                                                          const Binding& binding,
                                                          const std::string& partition,
                                                          std::int64_t most);

}  // namespace daymill::postgres
