#include "plan/partition_plan.hpp"

#include <algorithm>

#include "daymill/value.hpp"

namespace daymill {

namespace {

bool is_receipted(const StoredSnapshot& snapshot, const std::vector<Receipt>& receipts) {
  return std::any_of(receipts.begin(), receipts.end(), [&](const Receipt& receipt) {
    return receipt.snapshot == snapshot.path.filename().string();
  });
}

PlannedSplit plan_split(Split split, const Evidence& evidence,
                        const std::vector<StoredSnapshot>& snapshots, bool removes) {
  PlannedSplit planned;
  for (const Receipt& receipt : evidence.receipts) {
    if (receipt.split == split.id) {
      planned.receipts.push_back(receipt);
    }
  }
  std::sort(planned.receipts.begin(), planned.receipts.end(),
            [](const Receipt& a, const Receipt& b) { return a.generation < b.generation; });
  const std::int64_t receipted = planned.receipts.empty() ? 0 : planned.receipts.back().generation;
  for (const StoredSnapshot& snapshot : snapshots) {  // oldest first
    if (snapshot.manifest.split == split.id && snapshot.manifest.generation == receipted + 1 &&
        !is_receipted(snapshot, planned.receipts)) {
      planned.loose_snapshots.push_back(snapshot);
    }
  }

  SplitEvidence known;
  known.present = split.present;
  known.removals = split.removals;
  known.removed_fingerprint = split.removed_fingerprint;
  known.record_problem = removes ? split.record_problem : "";  // nothing is removed by it
  known.receipted = receipted;
  if (!planned.receipts.empty()) {
    known.receipt_fingerprint = planned.receipts.back().fingerprint;
  }
  known.receipt_removed = !planned.receipts.empty() && planned.receipts.back().removed;
  known.loose_snapshot = !planned.loose_snapshots.empty();
  planned.decision = reconcile(known);
  planned.split = std::move(split);
  return planned;
}

/// The day would be loaded as the sum of all receipts: rows of a split that the source no longer
/// knows would count beside the same rows under another name.
Status check_receipts_are_planned(const BoundPipeline& pipeline, const Partition& partition,
                                  const Evidence& evidence, const std::vector<Split>& splits) {
  if (pipeline.removes()) {
    return {};  // what was removed need not be known any more
  }
  for (const Receipt& receipt : evidence.receipts) {
    const bool planned = std::any_of(splits.begin(), splits.end(),
                                     [&](const Split& split) { return split.id == receipt.split; });
    if (!planned) {
      return Status(Code::invalid_config,
                    "the day was loaded from the split \"" + printable(receipt.split) +
                        "\", which the source with its present settings does not have; loading it "
                        "beside the others could count rows twice, so nothing is done")
          .at(pipeline.definition.file + " " + partition.label)
          .next(
              "give the source its former settings for this day; days that were never loaded are "
              "not affected");
    }
  }
  return {};
}

}  // namespace

bool PartitionPlan::has(Action action) const {
  return std::any_of(splits.begin(), splits.end(), [&](const PlannedSplit& planned) {
    return planned.decision.action == action;
  });
}

bool PartitionPlan::same_evidence(const PartitionPlan& other) const {
  if (splits.size() != other.splits.size() ||
      evidence.receipts.size() != other.evidence.receipts.size() ||
      evidence.load.has_value() != other.evidence.load.has_value() ||
      (evidence.load.has_value() && evidence.load->epoch != other.evidence.load->epoch)) {
    return false;
  }
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (splits[i].split.id != other.splits[i].split.id ||
        !(splits[i].decision == other.splits[i].decision)) {
      return false;
    }
  }
  return true;
}

Result<PartitionPlan> plan_partition(BoundPipeline& pipeline, Sink& sink,
                                     const Partition& partition, const SnapshotStore& store) {
  PartitionPlan plan;
  plan.partition = partition;
  DAYMILL_ASSIGN(plan.evidence, sink.receipts(partition, /*settle=*/false));
  DAYMILL_ASSIGN(std::vector<Split> splits, pipeline.source->plan(partition));
  DAYMILL_ASSIGN(const std::vector<StoredSnapshot> snapshots,
                 store.list(pipeline.definition.name, partition.label));
  DAYMILL_TRY(check_receipts_are_planned(pipeline, partition, plan.evidence, splits));
  for (Split& split : splits) {
    plan.splits.push_back(
        plan_split(std::move(split), plan.evidence, snapshots, pipeline.removes()));
  }
  return plan;
}

}  // namespace daymill
