// Finding the columns that a setting names, with messages that help.
//
//   DAYMILL_ASSIGN(std::size_t clicks, find_column(in, "clicks", "`sum`"));
//   // SCHEMA_MISMATCH: `sum` names the column "klicks", which the rows do not have; they have
//   // ad_id, clicks (next: did you mean "clicks"?)
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/schema.hpp"
#include "daymill/status.hpp"
#include "daymill/value.hpp"

namespace daymill {

/// "ad_id, clicks, impressions"
inline std::string column_names(const Schema& schema) {
  std::string names;
  for (const Field& field : schema.fields) {
    names += (names.empty() ? "" : ", ") + printable(field.name);
  }
  return names.empty() ? "none" : names;
}

namespace detail {
inline char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Insertions, deletions and substitutions between two words, whatever their case.
inline std::size_t word_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> distances(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    distances[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(distances[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower_ascii(a[i - 1]) == lower_ascii(b[j - 1]);
      const std::size_t replaced = diagonal + (same ? 0u : 1u);
      diagonal = distances[j];
      distances[j] = std::min({replaced, distances[j] + 1, distances[j - 1] + 1});
    }
  }
  return distances[b.size()];
}
}  // namespace detail

/// `did you mean "clicks"?`, or empty when no column is near enough.
inline std::string did_you_mean(const Schema& schema, std::string_view word) {
  constexpr std::size_t kLongestWord = 128;
  std::size_t nearest = word.size() < 5 ? 2 : 3;  // one more than is near enough
  std::string match;
  for (const Field& field : schema.fields) {
    if (word.size() > kLongestWord || field.name.size() > kLongestWord) {
      continue;
    }
    const std::size_t distance = detail::word_distance(word, field.name);
    if (distance < nearest && distance < field.name.size()) {
      nearest = distance;
      match = field.name;
    }
  }
  return match.empty() ? match : "did you mean \"" + printable(match) + "\"?";
}

/// The column's index; SCHEMA_MISMATCH names `setting`, the columns that there are and the one that
/// was probably meant.
inline Result<std::size_t> find_column(const Schema& schema, std::string_view name,
                                       std::string_view setting) {
  if (const auto index = schema.index_of(name)) {
    return *index;
  }
  return Status(Code::schema_mismatch,
                std::string(setting) + " names the column \"" + printable(name) +
                    "\", which the rows do not have; they have " + column_names(schema))
      .next(did_you_mean(schema, name));
}

/// "clicks as views" to {"clicks", "views"}, "clicks" to {"clicks", "clicks"}.
inline std::pair<std::string, std::string> split_new_name(std::string_view item) {
  constexpr std::string_view kAs = " as ";
  const std::size_t at = item.rfind(kAs);
  return at == std::string_view::npos ? std::pair{std::string(item), std::string(item)}
                                      : std::pair{std::string(item.substr(0, at)),
                                                  std::string(item.substr(at + kAs.size()))};
}

}  // namespace daymill
