// The one place that knows what PostgreSQL's error codes mean for a run.
#pragma once

#include <string_view>

#include "daymill/status.hpp"

namespace daymill::postgres {

/// `sqlstate` is the five-character code of an error report; empty: the connection broke without
/// one.
[[nodiscard]] Code code_of(std::string_view sqlstate);

/// The server ended the session with this report, so that the outcome of a COMMIT under way is
/// unknown.
[[nodiscard]] bool ends_session(std::string_view sqlstate);

}  // namespace daymill::postgres
