// Pipelines that have a "schedule", for the commands that are about their times.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "schedule/timetable.hpp"

namespace daymill {

struct ScheduledPipeline {
  std::string file;
  std::string name;                    ///< empty when the file could not be read
  std::optional<Timetable> timetable;  ///< nothing when there is a problem
  bool is_by_hand = false;             ///< it has no "schedule", whatever else may be wrong with it
  std::string cron;
  Status problem;  ///< why it cannot run by itself

  /// For people: its times, or the problem.
  [[nodiscard]] std::string description() const;
};

/// Reads the pipelines named, or those files of ./pipelines that have a "schedule"; reaches no
/// server. INVALID_ARGUMENT when there is none. What is wrong with one of them is its problem.
Result<std::vector<ScheduledPipeline>> scheduled_pipelines(Session& session,
                                                           const std::vector<std::string>& named);

}  // namespace daymill
