#include "plan/snapshot_retention.hpp"

#include <algorithm>

#include "daymill/value.hpp"

namespace daymill {

namespace {

const Evidence* evidence_of(const std::vector<PartitionEvidence>& history,
                            const std::string& partition) {
  const auto known =
      std::find_if(history.begin(), history.end(),
                   [&](const PartitionEvidence& entry) { return entry.partition == partition; });
  return known == history.end() ? nullptr : &known->evidence;
}

const Receipt* receipt_naming(const StoredSnapshot& snapshot, const Evidence& evidence) {
  for (const Receipt& receipt : evidence.receipts) {
    if (receipt.split == snapshot.manifest.split &&
        receipt.snapshot == snapshot.path.filename().string()) {
      return &receipt;
    }
  }
  return nullptr;
}

/// `since`: RFC 3339, when the snapshot began to be spare.
std::string reason_of_age(const std::string& since, const char* what, std::int64_t oldest_us) {
  const auto instant = parse_timestamp(since.substr(0, 19) + "Z");  // to the second
  if (!instant) {
    return "nobody knows when it was " + std::string(what);
  }
  return *instant > oldest_us ? std::string(what) + " " + since : std::string();
}

std::string reason_to_keep(const StoredSnapshot& snapshot, const Evidence* evidence, bool removes,
                           std::int64_t oldest_us) {
  const Receipt* receipt = evidence == nullptr ? nullptr : receipt_naming(snapshot, *evidence);
  if (receipt == nullptr) {
    return "no receipt names it";
  }
  if (!removes) {
    return reason_of_age(evidence->load.has_value() ? evidence->load->committed_at : "", "loaded",
                         oldest_us);
  }
  return receipt->removed ? reason_of_age(receipt->removed_at, "removed", oldest_us)
                          : "not yet removed from the source";
}

}  // namespace

std::vector<RetentionVerdict> judge_retention(const std::vector<StoredSnapshot>& snapshots,
                                              const std::vector<PartitionEvidence>& history,
                                              bool removes, std::chrono::seconds keep,
                                              std::chrono::system_clock::time_point now) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  const std::int64_t oldest_us = duration_cast<microseconds>(now.time_since_epoch() - keep).count();
  std::vector<RetentionVerdict> verdicts;
  for (const StoredSnapshot& snapshot : snapshots) {
    const Evidence* evidence = evidence_of(history, snapshot.manifest.partition);
    verdicts.push_back(
        RetentionVerdict{snapshot, reason_to_keep(snapshot, evidence, removes, oldest_us)});
  }
  return verdicts;
}

}  // namespace daymill
