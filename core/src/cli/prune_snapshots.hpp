// daymill snapshots prune
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/session.hpp"

namespace daymill {

struct PruneArguments {
  std::string pipeline;
  std::optional<int> keep_days;  ///< nothing: what the pipeline says, or its default
  bool dry_run = false;
};

struct Pruned {
  std::size_t files = 0;
  std::uintmax_t bytes = 0;
};

/// Deletes the snapshots that judge_retention() lets go, on days that are done. Asks source and
/// target, and deletes nothing when it cannot.
Result<Pruned> prune_snapshots(Session& session, BoundPipeline& pipeline, std::chrono::days keep);

/// The command: the same, with a verdict printed for each file.
int prune_snapshots(Session& session, const PruneArguments& arguments);

}  // namespace daymill
