// Removing by proof. These checks remove the splits of the subject's day.
#include "certify/check.hpp"
#include "certify/sink_attempt.hpp"
#include "certify/split_reading.hpp"
#include "certify/user_command.hpp"

namespace daymill {

namespace {

constexpr const char* kFingerprint = "1-00000000000000000000000000000001";

RemovalProof proof_of(Reader* reader, std::int64_t generation, const char* fingerprint) {
  return RemovalProof{reader,           generation,        fingerprint,
                      kCertifyPipeline, "certify:nowhere", RemovalKind::by_proof};
}

/// Of splits that are there; the first one is enough.
Result<std::optional<Split>> split_to_remove(const Subject& subject, Source& source) {
  DAYMILL_ASSIGN(const std::vector<Split> splits, present_splits(subject, source));
  return splits.empty() ? std::optional<Split>() : std::optional<Split>(splits.front());
}

Result<Split> planned_again(const Subject& subject, Source& source, const std::string& id) {
  DAYMILL_ASSIGN(const std::vector<Split> splits, source.plan(subject.day));
  for (const Split& split : splits) {
    if (split.id == id) {
      return split;
    }
  }
  return broken_promise("split " + id + " is no longer planned, expected it as absent or present");
}

const CheckResult kNotAllowed{Outcome::not_run,
                              "removes the split: allow it by \"may_remove\": true, see --config"};
CheckResult nothing_there(const Subject& subject) {
  return {Outcome::not_run, "the source holds nothing of " + subject.day.label};
}

CheckResult changed(const Subject& subject) {
  if (!subject.may_remove) {
    return kNotAllowed;
  }
  if (subject.change.empty()) {
    return {Outcome::not_run,
            "needs \"change\", a command that changes a split of the day, see --config"};
  }
  DAYMILL_ASSIGN(const auto source, subject.source());
  DAYMILL_ASSIGN(const auto split, split_to_remove(subject, *source));
  if (!split) {
    return nothing_there(subject);
  }
  DAYMILL_ASSIGN(const SplitReading before, read_split(subject, *source, *split));
  DAYMILL_TRY(run_user_command(subject.change));
  const std::int64_t generation = split->removals + 1;
  const auto answer =
      source->remove(subject.day, *split, proof_of(before.reader.get(), generation, kFingerprint));
  if (answer.ok() && *answer != Removal::changed) {
    return broken_promise(
        "a split that changed after it was read was answered with removed, "
        "expected changed");
  }
  DAYMILL_ASSIGN(const Split now, planned_again(subject, *source, split->id));
  if (!now.present || now.removals != split->removals) {
    return broken_promise("a split that changed after it was read was removed");
  }
  DAYMILL_ASSIGN(const SplitReading after, read_split(subject, *source, now));
  return after.bag.same_as(before.bag, "").ok()
             ? CheckResult(Outcome::not_run, "the command \"change\" did not change " + split->id)
             : CheckResult();
}

CheckResult removed(const Subject& subject) {
  if (!subject.may_remove) {
    return kNotAllowed;
  }
  DAYMILL_ASSIGN(const auto source, subject.source());
  DAYMILL_ASSIGN(const auto split, split_to_remove(subject, *source));
  if (!split) {
    return nothing_there(subject);
  }
  DAYMILL_ASSIGN(const SplitReading reading, read_split(subject, *source, *split));
  const std::int64_t generation = split->removals + 1;
  DAYMILL_ASSIGN(const Removal first,
                 source->remove(subject.day, *split,
                                proof_of(reading.reader.get(), generation, kFingerprint)));
  if (first != Removal::removed) {
    return broken_promise("a split that nobody changed was not removed");
  }
  DAYMILL_ASSIGN(const Split gone, planned_again(subject, *source, split->id));
  if (gone.present || gone.removals != generation || gone.removed_by != kCertifyPipeline ||
      gone.removed_fingerprint != kFingerprint || !gone.record_problem.empty()) {
    return broken_promise("after the removal the plan says " +
                          std::string(gone.present ? "present" : "absent") + ", removals " +
                          std::to_string(gone.removals) + " by \"" + printable(gone.removed_by) +
                          "\", expected absent, " + std::to_string(generation) + " by " +
                          kCertifyPipeline + " with its fingerprint");
  }
  for (Reader* reader : {static_cast<Reader*>(nullptr), reading.reader.get()}) {
    DAYMILL_ASSIGN(const Removal again,
                   source->remove(subject.day, gone, proof_of(reader, generation, kFingerprint)));
    if (again != Removal::already_removed) {
      return broken_promise("the same removal again was not answered with already removed");
    }
  }
  const auto other = source->remove(
      subject.day, gone, proof_of(nullptr, generation, "2-00000000000000000000000000000002"));
  if (other.ok() && *other != Removal::changed) {
    return broken_promise("a removal of the same generation with another fingerprint was accepted");
  }
  DAYMILL_ASSIGN(const Split still, planned_again(subject, *source, split->id));
  return still.removals == generation && still.removed_fingerprint == kFingerprint
             ? ok_status()
             : broken_promise("a removal that was refused changed the removal record");
}

}  // namespace

std::vector<Check> removal_checks() {
  return {{"source.removal_of_changed", "a split that changed after it was read is not removed",
           Needs::settings, DAYMILL_SOURCE_REMOVES_BY_PROOF, changed},
          {"source.removal", "removed by proof, recorded, idempotent, no other fingerprint",
           Needs::settings, DAYMILL_SOURCE_REMOVES_BY_PROOF, removed}};
}

}  // namespace daymill
