// The rows that the tests of this plugin work on.
#pragma once

#include <string>
#include <vector>

#include "support/text_rows.hpp"

namespace daymill::sql {

using support::run_transform;
using support::TextRow;
using support::TextRows;
using support::TransformRun;

inline const Schema kRows{{{"ad_id", Type::int64, Role::key, false},
                           {"search_word", Type::text, Role::key, false},
                           {"clicks", Type::int64, Role::measure, true},
                           {"impressions", Type::int64, Role::measure, true}}};

/// One nullable attribute of every type.
inline const Schema kEveryType{{{"flag", Type::boolean, Role::attribute, true},
                                {"number", Type::int64, Role::attribute, true},
                                {"ratio", Type::float64, Role::attribute, true},
                                {"word", Type::text, Role::attribute, true},
                                {"bytes", Type::binary, Role::attribute, true},
                                {"day", Type::date, Role::attribute, true},
                                {"seen", Type::timestamp, Role::attribute, true}}};

inline const TextRow kAllNull = {"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"};
inline const TextRow kFull = {
    "true",       "-9223372036854775808",   "0.1", "靴", std::string("\xff\0x", 3),
    "2026-11-22", "2026-11-22T15:04:05.25Z"};

inline std::vector<Config::Entry> list(const std::string& name,
                                       const std::vector<std::string>& items) {
  std::vector<Config::Entry> entries;
  for (std::size_t i = 0; i < items.size(); ++i) {
    entries.push_back({name, std::to_string(i), items[i]});
  }
  return entries;
}

inline std::vector<Config::Entry> operator+(std::vector<Config::Entry> a,
                                            const std::vector<Config::Entry>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace daymill::sql
