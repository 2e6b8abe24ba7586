// Snapshots that may go, and every reason to keep one.
#include "plan/snapshot_retention.hpp"

#include <gtest/gtest.h>

namespace daymill {
namespace {

using std::chrono::hours;

constexpr auto kNow = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
// 35 days before: 2023-10-10T22:13:20Z.
constexpr char kLongAgo[] = "2023-10-10T22:13:19Z";
constexpr char kLately[] = "2023-10-10T22:13:21Z";

StoredSnapshot snapshot(const std::string& file, std::int64_t generation = 1) {
  StoredSnapshot stored;
  stored.path = "/snapshots/p/2023-10-01/" + file;
  stored.manifest.partition = "2023-10-01";
  stored.manifest.split = "clicks";
  stored.manifest.generation = generation;
  return stored;
}

Receipt receipt(const std::string& file, bool removed, const std::string& removed_at) {
  Receipt result{"clicks", 1, 1, "f", 1, file, removed};
  result.removed_at = removed_at;
  return result;
}

std::vector<PartitionEvidence> history_of(std::vector<Receipt> receipts) {
  PartitionEvidence known;
  known.partition = "2023-10-01";
  known.evidence.load = Load{};
  known.evidence.load->committed_at = kLongAgo;
  known.evidence.receipts = std::move(receipts);
  return {known};
}

std::string verdict(const StoredSnapshot& stored, const std::vector<PartitionEvidence>& history,
                    bool removes = true) {
  const auto verdicts = judge_retention({stored}, history, removes, hours(24) * 35, kNow);
  return verdicts.at(0).keep;
}

TEST(SnapshotRetention, GoesWhenItWasRemovedLongAgo) {
  EXPECT_EQ(verdict(snapshot("a.snap"), history_of({receipt("a.snap", true, kLongAgo)})), "");
}

TEST(SnapshotRetention, StaysWhileItsRemovalIsYoung) {
  EXPECT_EQ(verdict(snapshot("a.snap"), history_of({receipt("a.snap", true, kLately)})),
            std::string("removed ") + kLately);
}

TEST(SnapshotRetention, StaysWhenNobodyKnowsTheTimeOfTheRemoval) {
  EXPECT_EQ(verdict(snapshot("a.snap"), history_of({receipt("a.snap", true, "")})),
            "nobody knows when it was removed");
}

TEST(SnapshotRetention, StaysWhileTheSourceHoldsIt) {
  EXPECT_EQ(verdict(snapshot("a.snap"), history_of({receipt("a.snap", false, "")})),
            "not yet removed from the source");
}

TEST(SnapshotRetention, StaysWithoutAReceiptHoweverOld) {
  EXPECT_EQ(verdict(snapshot("b.snap"), history_of({receipt("a.snap", true, kLongAgo)})),
            "no receipt names it");
  EXPECT_EQ(verdict(snapshot("a.snap"), {}), "no receipt names it");
}

TEST(SnapshotRetention, OfASourceThatIsKeptTheLoadCounts) {
  auto history = history_of({receipt("a.snap", false, "")});
  EXPECT_EQ(verdict(snapshot("a.snap"), history, false), "");
  history[0].evidence.load->committed_at = kLately;
  EXPECT_EQ(verdict(snapshot("a.snap"), history, false), std::string("loaded ") + kLately);
}

}  // namespace
}  // namespace daymill
