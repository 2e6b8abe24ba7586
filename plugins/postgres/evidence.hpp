// What the database holds about a partition: fence, load, receipts, and whether the target still
// agrees with them.
#pragma once

#include <optional>
#include <string>

#include "binding.hpp"
#include "daymill/plugin.hpp"
#include "evidence_rows.hpp"
#include "evidence_schema.hpp"

namespace daymill::postgres {

/// INVALID_CONFIG names the other pipeline when the partition belongs to one.
[[nodiscard]] Result<std::optional<CommittedLoad>> read_load(Connection& connection,
                                                             const Binding& binding,
                                                             const std::string& partition);

[[nodiscard]] Result<std::vector<Receipt>> read_receipts(Connection& connection,
                                                         const Binding& binding,
                                                         const std::string& partition);

/// Number of rows and sums of the measures in `relation` (quoted), of one day or of all.
struct Totals {
  std::int64_t rows = 0;
  std::vector<std::string> sums;  ///< decimal, as the measures of the binding

  /// Empty when they are the load's, otherwise what was found and what was expected.
  [[nodiscard]] std::string difference_to(const Load& load, const Binding& binding) const;
};
[[nodiscard]] Result<Totals> read_totals(Connection& connection, const Binding& binding,
                                         const std::string& relation,
                                         const std::optional<std::string>& day);

/// Everything the engine asks for. With `settle` the fence row is locked first, which waits for an
/// attempt that is committing. Decisions are read where `schema` has them.
[[nodiscard]] Result<Evidence> read_evidence(Connection& connection, const Binding& binding,
                                             const EvidenceSchema& schema,
                                             const Partition& partition, bool settle);

/// The next epoch. Refuses a partition that another pipeline has loaded.
[[nodiscard]] Result<std::int64_t> claim_partition(Connection& connection, const Binding& binding,
                                                   const std::string& partition);

Status mark_split_removed(Connection& connection, const Binding& binding,
                          const std::string& partition, const std::string& split,
                          std::int64_t generation);

}  // namespace daymill::postgres
