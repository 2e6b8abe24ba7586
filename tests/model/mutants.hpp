// The ways in which the model can be made unsound, each of which the search must find.
#pragma once

#include <cstdint>

namespace daymill::model {

enum class Mutant : std::uint8_t {
  none,
  // The guards that PROTOCOL.md §8 names.
  no_watch,
  shared_connection,
  proof_reused,
  record_outside_multi,
  removal_before_commit,
  receipts_not_compared,
  no_second_look,
  all_files_replayed,
  additive_load,
  loose_snapshot_pruned,
  stage_by_name,
  stage_cleaned_by_name,
  receipts_read_with_lock,
  // What the model itself has taught.
  discard_by_generation,
  readings_outlive_evidence,
  hasty_verdict,
  mixed_reading_kept,
  // Of a sink that is restored from a backup.
  lost_commit_unnoticed,
  record_not_compared,
  any_snapshot_recovered,
};

struct MutantText {
  Mutant mutant;
  const char* name;
  const char* meaning;
};

inline constexpr MutantText kMutants[] = {
    {Mutant::no_watch, "no_watch", "EXEC runs whatever was written since the scan"},
    {Mutant::shared_connection, "shared_connection",
     "one connection for two splits: the EXEC of one drops the other's WATCH"},
    {Mutant::proof_reused, "proof_reused", "after a nil EXEC the same connection tries again"},
    {Mutant::record_outside_multi, "record_outside_multi",
     "the removal record is set after the EXEC that unlinks"},
    {Mutant::removal_before_commit, "removal_before_commit",
     "a split is removed as soon as its snapshot is durable"},
    {Mutant::receipts_not_compared, "receipts_not_compared",
     "a load may leave out generations whose snapshots are gone"},
    {Mutant::no_second_look, "no_second_look", "the plan made before the claim is carried out"},
    {Mutant::all_files_replayed, "all_files_replayed",
     "every snapshot file is loaded, named by a receipt or not"},
    {Mutant::additive_load, "additive_load", "the load adds to the table and leaves no receipt"},
    {Mutant::loose_snapshot_pruned, "loose_snapshot_pruned",
     "snapshots that no receipt names are pruned"},
    {Mutant::stage_by_name, "stage_by_name", "all epochs use one stage"},
    {Mutant::stage_cleaned_by_name, "stage_cleaned_by_name",
     "a claim drops whatever has the name of a stage, the attached day, too"},
    {Mutant::receipts_read_with_lock, "receipts_read_with_lock",
     "the statement that waits for the fence also reads the receipts, as they were before"},
    {Mutant::discard_by_generation, "discard_by_generation",
     "after a commit every other file of the generation is deleted, even a newer one"},
    {Mutant::readings_outlive_evidence, "readings_outlive_evidence",
     "a reading is compared with a receipt that was committed after it"},
    {Mutant::hasty_verdict, "hasty_verdict",
     "a decision is asked for without looking whether the evidence has moved on"},
    {Mutant::mixed_reading_kept, "mixed_reading_kept",
     "a reading during which the record changed is loaded at once, not read again"},
    {Mutant::lost_commit_unnoticed, "lost_commit_unnoticed",
     "a record that names more than the sink holds is taken for done"},
    {Mutant::record_not_compared, "record_not_compared",
     "that the record names another content of the newest generation than the sink holds is not "
     "noticed"},
    {Mutant::any_snapshot_recovered, "any_snapshot_recovered",
     "what the sink lost is loaded from the newest snapshot, whatever the record names"},
};

}  // namespace daymill::model
