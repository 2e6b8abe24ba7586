// The one short transaction that makes a staged day the day of the target, with load, receipts and
// rejects.
#pragma once

#include <string>
#include <vector>

#include "binding.hpp"
#include "daymill/plugin.hpp"
#include "stage.hpp"

namespace daymill::postgres {

/// What is committed. References live during the call.
struct Commit {
  const Binding& binding;
  const Attempt& attempt;
  const Stage& stage;
  const Load& load;
  const std::vector<Receipt>& receipts;
  const std::vector<RejectRow>& rejects;
};

/// All or nothing. Order and refusals as in PROTOCOL §4.2; CONFLICT when a lock was not to be had
/// in time, and then the call may be repeated with the same stage.
Status commit_stage(Connection& connection, const Commit& commit);

}  // namespace daymill::postgres
