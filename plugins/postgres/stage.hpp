// A stage: the table in daymill_stage in which one attempt builds its day, beside the target and
// unseen by its readers.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "binding.hpp"
#include "copy_encoder.hpp"
#include "daymill/plugin.hpp"

namespace daymill::postgres {

struct Stage {
  std::string name;
  std::int64_t oid = 0;
  bool attachable = false;           ///< made like the target, so that it can become its partition
  std::vector<std::string> indexes;  ///< statements that build them, run after the rows are in
  std::atomic<bool> finished = false;  ///< by the writer's thread: rows and indexes are committed

  [[nodiscard]] std::string sql() const { return quote_name("daymill_stage", name); }
};

/// A rehearsal claims nothing, compares and ends with abort.
[[nodiscard]] inline bool is_rehearsal(const Attempt& attempt) {
  return attempt.epoch == 0;
}

/// The CHECK that spares ATTACH the reading of the stage; dropped when the day is attached.
inline constexpr const char* kBoundsCheck = "daymill_bounds";

/// Creates the empty stage of an attempt (and drops one of the same attempt that was left behind).
/// A rehearsal's has a name that no other attempt has, so rehearsals and runs do not meet.
/// With `attachable` it is like the target, indexes noted but not built; otherwise it has the bound
/// columns only.
[[nodiscard]] Result<std::shared_ptr<Stage>> create_stage(Connection& connection,
                                                          const Binding& binding,
                                                          const Attempt& attempt, bool attachable);

/// Opens a session of its own, on which rows are copied, indexes built and committed. The writer
/// keeps the session until it is finished or destroyed.
[[nodiscard]] Result<std::unique_ptr<Writer>> open_stage(const Settings& settings, Host host,
                                                         const Binding& binding,
                                                         const Attempt& attempt,
                                                         std::shared_ptr<Stage> stage);

/// OK while the stage is there. FENCED, of a rehearsal CONFLICT, when a later claim dropped it.
Status find_stage(Connection& connection, const Attempt& attempt, const Stage& stage);

/// Drops the stages of older epochs of a partition that nobody has attached, and those of
/// rehearsals. One that is locked (a runner that hangs, a rehearsal that lives) stays until the
/// next claim; for a rehearsal's lock nobody waits.
Status drop_older_stages(Connection& connection, const std::string& target,
                         const std::string& partition, std::int64_t epoch);

}  // namespace daymill::postgres
