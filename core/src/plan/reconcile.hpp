// From evidence to action, for one split: the table of PROTOCOL.md §5 as a pure function. Nothing
// else in daymill decides what is done with a split; plan prints these decisions, run carries them
// out.
#pragma once

#include <cstdint>
#include <string>

namespace daymill {

/// What is known of a split without reading its rows. n and m as in the table: n counts the
/// removals that the source's own record names, m is the newest generation that the sink has a
/// receipt of.
struct SplitEvidence {
  bool present = false;             ///< the source holds the split now
  std::int64_t removals = 0;        ///< n
  std::string removed_fingerprint;  ///< by the source's record
  std::string record_problem;       ///< not empty: the record cannot be understood
  std::int64_t receipted = 0;       ///< m; 0: no receipt
  std::string receipt_fingerprint;  ///< of receipt m
  bool receipt_removed = false;     ///< receipt m says that the removal was done
  bool loose_snapshot = false;      ///< a durable snapshot of generation m + 1 without a receipt
};

enum class Action {
  none = 1,  ///< nothing to do
  extract,   ///< read it as `generation` and load it
  compare,   ///< read it again and compare with receipt `generation`: equal → remove, grown →
             ///< replace, else decide
  load_snapshot,  ///< the source lost it after it was read: load the loose snapshot as `generation`
  record_removal,  ///< it is gone from the source: set the removal record to `generation`
  recover,  ///< the source removed what the sink no longer has: load the missing generations from
            ///< snapshots
  decide,   ///< NEEDS_DECISION
};

const char* action_name(Action action);  // "extract"

struct Decision {
  Action action = Action::none;
  std::int64_t generation = 0;
  std::string reason;  ///< for people

  friend bool operator==(const Decision&, const Decision&) = default;
};

Decision reconcile(const SplitEvidence& evidence);

}  // namespace daymill
