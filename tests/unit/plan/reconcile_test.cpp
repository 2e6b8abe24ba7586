// Every row of the table "evidence → action" of the delivery protocol.
#include "plan/reconcile.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

struct Row {
  const char* name;
  SplitEvidence evidence;
  Action action;
  std::int64_t generation;
};

// n removals by the source's record, m newest receipt, K the split is in the source, S a loose
// snapshot of m + 1.
SplitEvidence known(std::int64_t n, std::int64_t m, bool k, bool s = false, bool removed = false) {
  SplitEvidence evidence;
  evidence.present = k;
  evidence.removals = n;
  evidence.receipted = m;
  evidence.receipt_removed = removed;
  evidence.loose_snapshot = s;
  return evidence;
}

SplitEvidence unreadable_record(bool present) {
  SplitEvidence evidence = known(0, 1, present);
  evidence.record_problem = "\"x\" is not a record";
  return evidence;
}

/// n = m, and the record names another content of that generation than the receipt.
SplitEvidence restored_sink(std::int64_t m, bool present) {
  SplitEvidence evidence = known(m, m, present);
  evidence.removed_fingerprint = "2-ffff";
  evidence.receipt_fingerprint = "1-ffff";
  return evidence;
}

class Reconcile : public testing::TestWithParam<Row> {};

TEST_P(Reconcile, Decides) {
  const Decision decision = reconcile(GetParam().evidence);
  EXPECT_STREQ(action_name(decision.action), action_name(GetParam().action));
  EXPECT_EQ(decision.generation, GetParam().generation);
  EXPECT_FALSE(decision.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, Reconcile,
    testing::Values(
        Row{"nothing_yet", known(0, 0, false), Action::none, 0},
        Row{"done", known(1, 1, false, false, true), Action::none, 1},
        Row{"done_twice", known(2, 2, false, false, true), Action::none, 2},
        Row{"vanished_before_the_load", known(0, 0, false, true), Action::load_snapshot, 1},
        Row{"vanished_before_the_late_load", known(1, 1, false, true, true), Action::load_snapshot,
            2},
        Row{"first_load", known(0, 0, true), Action::extract, 1},
        Row{"first_load_after_a_crash", known(0, 0, true, true), Action::extract, 1},
        Row{"late_data", known(1, 1, true, false, true), Action::extract, 2},
        Row{"late_data_after_a_crash", known(3, 3, true, true, true), Action::extract, 4},
        Row{"committed_not_removed", known(0, 1, true), Action::compare, 1},
        Row{"late_committed_not_removed", known(1, 2, true), Action::compare, 2},
        Row{"record_was_lost_and_data_is_there", known(0, 1, true, false, true), Action::compare,
            1},
        Row{"restored_sink_lacks_a_replacement", restored_sink(1, false), Action::recover, 1},
        Row{"restored_sink_lacks_a_replacement_and_late_data", restored_sink(2, true),
            Action::recover, 2},
        Row{"record_was_lost", known(0, 1, false, false, true), Action::record_removal, 1},
        Row{"deleted_by_someone_after_commit", known(0, 1, false), Action::record_removal, 1},
        Row{"late_deleted_by_someone", known(2, 3, false), Action::record_removal, 3},
        Row{"sink_lost_everything", known(1, 0, false), Action::recover, 1},
        Row{"sink_lost_the_newest", known(3, 1, false, false, true), Action::recover, 3},
        Row{"sink_lost_and_data_is_late", known(2, 0, true), Action::recover, 2},
        Row{"source_restored_without_data", known(0, 2, false, false, true), Action::record_removal,
            2},
        Row{"source_restored_with_data", known(0, 2, true, false, true), Action::decide, 2},
        Row{"source_restored_far_back", known(1, 5, true, false, true), Action::decide, 5},
        Row{"unreadable_record", unreadable_record(false), Action::decide, 1},
        Row{"unreadable_record_with_data", unreadable_record(true), Action::decide, 1}),
    [](const testing::TestParamInfo<Row>& row) { return row.param.name; });

// Whatever the evidence: nothing that is in the source is ever passed over in silence, and nothing
// that is loaded is loaded a second time under a new generation without a removal in between.
TEST(ReconcileEverywhere, KeepsItsPromisesForAllSmallEvidence) {
  for (std::int64_t n = 0; n <= 4; ++n)
    for (std::int64_t m = 0; m <= 4; ++m)
      for (const bool k : {false, true})
        for (const bool s : {false, true})
          for (const bool removed : {false, true}) {
            const Decision decision = reconcile(known(n, m, k, s, removed));
            const bool loads =
                decision.action == Action::extract || decision.action == Action::load_snapshot;
            const bool records = decision.action == Action::record_removal;
            EXPECT_TRUE(!k || decision.action != Action::none) << n << " " << m;
            EXPECT_TRUE(!loads || (n == m && decision.generation == m + 1)) << n << " " << m;
            EXPECT_TRUE(!records || (!k && decision.generation == m && n < m)) << n << " " << m;
          }
}

}  // namespace
}  // namespace daymill
