// daymill status --due: whether everything that should have landed by now has landed.
#pragma once

#include <string>

#include "cli/session.hpp"

namespace daymill {

/// Of one pipeline, or of all in ./pipelines that have a "schedule". Lists days whose newest run
/// did not end well, however old, and days that are due and were never run; by the journal, reaches
/// no server. The exit code: 0 when there are none.
int print_due_status(Session& session, const std::string& pipeline);

}  // namespace daymill
