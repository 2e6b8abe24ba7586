// How the rows of a day are replaced: by attaching the stage as the day's partition, by deleting
// and inserting through the target, or, when a reload changes few rows, by changing these. Or not
// at all, when the rows that are there are adopted.
#pragma once

#include <optional>

#include "catalogue.hpp"
#include "commit.hpp"
#include "evidence.hpp"

namespace daymill::postgres {

enum class Way { attach, insert, change, adopt };

struct DayPlan {
  Way way = Way::insert;
  std::int64_t relation = 0;            ///< of the day's own partition after the load, or 0
  std::optional<DayRelation> replaced;  ///< the partition of the previous load that goes
  std::int64_t changes = 0;             ///< rows that Way::change changes
  bool clear_first = false;             ///< rows of the day lie in the DEFAULT partition
};

/// Can the day be a partition of its own? Not where other bounds, other people's partitions or the
/// table itself stand in the way.
[[nodiscard]] bool can_attach(const TargetTable& table, const DayLayout& layout,
                              const std::optional<CommittedLoad>& previous);

/// Decides under the fence's lock. NEEDS_DECISION when the day has rows that no load wrote, or when
/// rows to be adopted are not those of the load.
[[nodiscard]] Result<DayPlan> plan_day(Connection& connection, const Commit& commit,
                                       const std::optional<CommittedLoad>& previous);

Status replace_day(Connection& connection, const Commit& commit, const DayPlan& plan);

}  // namespace daymill::postgres
