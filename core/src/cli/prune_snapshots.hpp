// daymill snapshots prune
#pragma once

#include <string>

#include "cli/session.hpp"

namespace daymill {

struct PruneArguments {
  std::string pipeline;
  int keep_days = 35;
  bool dry_run = false;
};

/// Deletes the snapshots that judge_retention() lets go, on days that are done; prints a verdict
/// for each file. Asks source and target, and deletes nothing when it cannot.
int prune_snapshots(Session& session, const PruneArguments& arguments);

}  // namespace daymill
