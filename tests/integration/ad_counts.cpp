#include "ad_counts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string_view>

namespace daymill::integration {
namespace {

constexpr std::array<std::string_view, 12> kWords = {
    "running shoes", "ランニングシューズ", "time: 10:30", "👟",       "кроссовки для бега", "",
    ":colon first",  "colon last:",        "\"quoted\"",  "a\\b\tc", "أحذية الجري",        "NULL"};

AdWord word_of(std::int64_t index) {
  const auto words = static_cast<std::int64_t>(kWords.size());
  std::string word(kWords[static_cast<std::size_t>(index % words)]);
  constexpr std::int64_t kAds = 997;
  const std::int64_t round = index / words / kAds;
  if (round > 0)
    word += " " + std::to_string(round);
  return {1 + index / words % kAds, std::move(word)};
}

std::string text_of(const AdWord& word, const Counts& counts) {
  const auto ctr = counts.ctr();
  return std::to_string(word.ad_id) + ":" + word.search_word + " clicks " +
         std::to_string(counts.clicks) + " impressions " + std::to_string(counts.impressions) +
         " ctr " + (ctr ? std::to_string(*ctr) : "null");
}

bool same(const AdWord& word, const Counts& counts, const support::PrivatePostgres::Row& row) {
  const auto ctr = counts.ctr();
  return row[0] == std::to_string(word.ad_id) && row[1] == word.search_word &&
         row[2] == std::to_string(counts.clicks) && row[3] == std::to_string(counts.impressions) &&
         row[4].has_value() == ctr.has_value() &&
         (!ctr.has_value() || std::strtod(row[4]->c_str(), nullptr) == *ctr);
}

std::string text_of(const support::PrivatePostgres::Row& row) {
  std::string text;
  for (const auto& value : row)
    text += (text.empty() ? "" : " | ") + value.value_or("null");
  return text;
}

}  // namespace

std::optional<double> Counts::ctr() const {
  if (impressions == 0)
    return std::nullopt;
  return static_cast<double>(clicks) / static_cast<double>(impressions);
}

void AdCounts::add(const Increment& increment) {
  Counts& counts = words_[increment.word];
  (increment.event == Event::click ? counts.clicks : counts.impressions) += increment.by;
}

void AdCounts::add(const std::vector<Increment>& increments) {
  for (const Increment& increment : increments)
    add(increment);
}

void AdCounts::add(const AdCounts& other) {
  for (const auto& [word, counts] : other.words_) {
    words_[word].clicks += counts.clicks;
    words_[word].impressions += counts.impressions;
  }
}

Counts AdCounts::sums() const {
  Counts sums;
  for (const auto& [word, counts] : words_) {
    sums.clicks += counts.clicks;
    sums.impressions += counts.impressions;
  }
  return sums;
}

std::vector<Increment> day_of_increments(std::int64_t fields, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Increment> increments;
  increments.reserve(static_cast<std::size_t>(fields * 3));
  for (std::int64_t i = 0; i < fields; ++i) {
    const auto some = [&] { return static_cast<std::int64_t>(random() % 900); };
    increments.push_back({Event::click, word_of(i), 1 + some() % 9});
    increments.push_back({Event::impression, word_of(i + fields / 2), 1 + some()});
    if (random() % 4 == 0)
      increments.push_back({Event::impression, word_of(i + fields / 2), 1});
  }
  std::shuffle(increments.begin(), increments.end(), random);
  return increments;
}

std::string difference(const AdCounts& expected, support::PrivatePostgres& server,
                       const std::string& database, const std::string& table,
                       const std::string& day) {
  const auto rows =
      server.query("SELECT ad_id, search_word, clicks, impressions, ctr FROM " + table +
                       " WHERE date = '" + day + "' ORDER BY ad_id, search_word COLLATE \"C\"",
                   database);
  std::size_t i = 0;
  for (const auto& [word, counts] : expected.words()) {
    if (i == rows.size())
      return "missing in the table: " + text_of(word, counts);
    if (!same(word, counts, rows[i]))
      return "expected " + text_of(word, counts) + ", the table holds " + text_of(rows[i]);
    ++i;
  }
  return i == rows.size() ? std::string()
                          : "nobody recorded what the table holds: " + text_of(rows[i]);
}

}  // namespace daymill::integration
