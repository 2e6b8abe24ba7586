// What a certification found, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "certify/check.hpp"

namespace daymill {

/// One line of the scorecard.
struct Score {
  std::string check;    ///< "source.plan"
  std::string promise;  ///< what a pass proves
  CheckResult result;
};

struct ComponentScores {
  ComponentKind kind = ComponentKind::source;
  std::string id;
  std::vector<Score> scores;

  [[nodiscard]] std::int64_t count(Outcome outcome) const;
  /// "certified", "partly certified" (something was not run) or "not certified".
  [[nodiscard]] std::string verdict() const;
};

struct Scorecard {
  std::string file;
  std::string plugin;
  std::string version;
  std::string interface;  ///< "1.1"
  std::vector<ComponentScores> components;

  [[nodiscard]] std::int64_t count(Outcome outcome) const;
};

std::string to_text(const Scorecard& scorecard);
nlohmann::ordered_json to_json(const Scorecard& scorecard);

}  // namespace daymill
