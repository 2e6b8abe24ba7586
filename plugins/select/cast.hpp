// Values of one type as values of another: those that mean the same, and no others.
#pragma once

#include <cstdint>
#include <string>

#include <daymill/plugin.hpp>

namespace daymill::select {

[[nodiscard]] bool can_cast(Type from, Type to);

/// May two different values become equal? Then keys cannot be cast so.
[[nodiscard]] bool merges_values(Type from, Type to);

/// Appends the value of a row that is not null to `out`, a builder of the other type. False, and
/// nothing is appended, when it has no counterpart.
bool append_cast(const Column& column, Type from, std::int64_t row, ColumnBuilder& out);

/// What a value needs to be, for people.
[[nodiscard]] const char* castable_values(Type from, Type to);

/// A value for messages: `"a \x00"`, `0.5`.
[[nodiscard]] std::string found_value(const Column& column, Type type, std::int64_t row);

}  // namespace daymill::select
