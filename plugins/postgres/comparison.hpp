// The rows of a day in the target against the staged ones, as SQL: who asks how a day would change,
// and the reload that changes only what differs, compare alike.
#pragma once

#include <string>

#include "binding.hpp"
#include "stage.hpp"

namespace daymill::postgres {

/// Is the column in the binding's key?
[[nodiscard]] bool is_key(const Binding& binding, const std::string& name);

/// Can rows be told apart by the key, and are values that differ never equal? Otherwise rows can
/// only be compared as a whole.
[[nodiscard]] bool is_comparable(const Binding& binding);

/// DATE '2026-11-22'
[[nodiscard]] std::string day_literal(const Partition& partition);

/// The rows of the day in the target with the bound columns, as a query.
[[nodiscard]] std::string day_rows(const Binding& binding, const Partition& partition);

/// Of rows with the aliases `a` and `b`: their keys are equal.
[[nodiscard]] std::string same_key(const Binding& binding, const std::string& a,
                                   const std::string& b);

/// FROM ... WHERE ...: the staged rows (alias s) and the target's (alias t) that differ, in pairs
/// where the key is the same. Only for a comparable binding.
[[nodiscard]] std::string differing_pairs(const Binding& binding, const Stage& stage,
                                          const Partition& partition);

/// Of such a pair: 'added' (no t), 'changed' or 'removed' (no s).
[[nodiscard]] std::string pair_kind(const Binding& binding);

}  // namespace daymill::postgres
