// What clients recorded, added up by the test itself: the oracle that tables are compared with.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/private_postgres.hpp"

namespace daymill::integration {

/// Who saw and clicked what; ordered as `ORDER BY ad_id, search_word` with bytewise collation.
struct AdWord {
  std::int64_t ad_id = 0;
  std::string search_word;
  auto operator<=>(const AdWord&) const = default;
};

struct Counts {
  std::int64_t clicks = 0;
  std::int64_t impressions = 0;
  bool operator==(const Counts&) const = default;
  /// clicks / impressions; nothing where impressions are 0.
  [[nodiscard]] std::optional<double> ctr() const;
};

enum class Event { click = 1, impression };

struct Increment {
  Event event = Event::click;
  AdWord word;
  std::int64_t by = 1;
};

/// One day's counts.
class AdCounts {
 public:
  void add(const Increment& increment);
  void add(const std::vector<Increment>& increments);
  void add(const AdCounts& other);
  [[nodiscard]] const std::map<AdWord, Counts>& words() const { return words_; }
  [[nodiscard]] Counts sums() const;
  bool operator==(const AdCounts&) const = default;

 private:
  std::map<AdWord, Counts> words_;
};

/// Increments that make `fields` fields in each hash, half of them in both; deterministic. Search
/// words in several scripts, with colons, spaces, quotes and emoji, and an empty one.
std::vector<Increment> day_of_increments(std::int64_t fields, std::uint64_t seed = 1);

/// Compares a table with the oracle row by row, ctr included: empty when they are the same,
/// otherwise the first difference. `table` may be any relation with date, ad_id, search_word,
/// clicks, impressions and ctr.
std::string difference(const AdCounts& expected, support::PrivatePostgres& server,
                       const std::string& database, const std::string& table,
                       const std::string& day);

}  // namespace daymill::integration
