// Where a sink that commits receipts is tried: a real database of the test's own with a table
// advertisement_analytics (date, ad_id, search_word, clicks, impressions).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/config.hpp"

namespace daymill {

class SinkStand {
 public:
  virtual ~SinkStand() = default;
  /// Settings that lead there, in place of those of the same name.
  [[nodiscard]] virtual std::vector<Config::Entry> settings() const = 0;
  /// Somebody else at work on the database. Throws std::runtime_error.
  virtual void execute(const std::string& sql) = 0;
  /// The target's rows, "2026-11-22|7|shoes|1|10" each, in the order of the key.
  virtual std::vector<std::string> rows() = 0;
};

/// Null: there is none for a sink of this id yet; write one.
std::unique_ptr<SinkStand> make_stand(std::string_view sink);

}  // namespace daymill
