#include "plan/reconcile.hpp"

namespace daymill {

const char* action_name(Action action) {
  switch (action) {
    case Action::none:
      return "none";
    case Action::extract:
      return "extract";
    case Action::compare:
      return "compare";
    case Action::load_snapshot:
      return "load_snapshot";
    case Action::record_removal:
      return "record_removal";
    case Action::recover:
      return "recover";
    case Action::decide:
      return "decide";
  }
  return "";
}

Decision reconcile(const SplitEvidence& evidence) {
  const std::int64_t n = evidence.removals;
  const std::int64_t m = evidence.receipted;
  if (!evidence.record_problem.empty()) {
    return {Action::decide, m,
            "the removal record cannot be understood: " + evidence.record_problem};
  }
  if (n > m) {
    return {Action::recover, n,
            "the source removed generation " + std::to_string(n) + ", the sink holds only up to " +
                std::to_string(m)};
  }
  if (n == m && m > 0 && evidence.removed_fingerprint != evidence.receipt_fingerprint) {
    return {Action::recover, n,
            "the source removed generation " + std::to_string(n) +
                " with other content than the sink holds"};
  }
  if (n == m) {
    if (evidence.present) {
      return {Action::extract, m + 1,
              m == 0 ? "not loaded yet" : "late data after removal " + std::to_string(m)};
    }
    if (evidence.loose_snapshot) {
      return {Action::load_snapshot, m + 1,
              "it was read, then vanished from the source before it was loaded"};
    }
    return {Action::none, m, m == 0 ? "the source holds nothing" : "loaded and removed"};
  }
  if (!evidence.present) {
    return {Action::record_removal, m, "loaded; the source no longer holds it"};
  }
  if (n == m - 1) {
    return {Action::compare, m,
            evidence.receipt_removed
                ? "removed before, but the source holds it again without a removal record"
                : "loaded, still in the source"};
  }
  return {Action::decide, m,
          "the source's removal record says " + std::to_string(n) + ", the sink's receipts say " +
              std::to_string(m) + ": the source was restored from an old backup or replaced"};
}

}  // namespace daymill
