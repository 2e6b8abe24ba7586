// Reading a function out of a plugin's table that may be shorter than the host's.
#pragma once

#include <cstddef>

namespace daymill {

/// The function in `member`, or null when the plugin does not have it or its table ends before.
template <typename Table, typename Function>
Function function_slot(const Table* table, Function Table::*member) {
  const auto* begin = reinterpret_cast<const char*>(table);
  const auto* slot = reinterpret_cast<const char*>(&(table->*member));
  const auto end = static_cast<std::size_t>(slot - begin) + sizeof(Function);
  return end <= table->struct_size ? table->*member : nullptr;
}

}  // namespace daymill
