#include "certify/scorecard.hpp"

#include <algorithm>

namespace daymill {

namespace {

const char* outcome_key(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "fail";
    case Outcome::not_applicable:
      return "not_applicable";
    case Outcome::not_run:
      return "not_run";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    out += c == '\n' ? "            " : "";
  }
  return out;
}

}  // namespace

std::int64_t ComponentScores::count(Outcome outcome) const {
  return std::count_if(scores.begin(), scores.end(),
                       [outcome](const Score& score) { return score.result.outcome == outcome; });
}

std::string ComponentScores::verdict() const {
  return count(Outcome::fail) > 0      ? "not certified"
         : count(Outcome::not_run) > 0 ? "partly certified"
                                       : "certified";
}

std::int64_t Scorecard::count(Outcome outcome) const {
  std::int64_t sum = 0;
  for (const ComponentScores& component : components) {
    sum += component.count(outcome);
  }
  return sum;
}

std::string to_text(const Scorecard& scorecard) {
  std::string text = scorecard.plugin + " " + scorecard.version + ", plugin interface " +
                     scorecard.interface + ": " + scorecard.file + "\n";
  for (const ComponentScores& component : scorecard.components) {
    text += "\n" + std::string(kind_name(component.kind)) + " " + component.id + ": " +
            component.verdict() + " (" + std::to_string(component.count(Outcome::pass)) +
            " passed, " + std::to_string(component.count(Outcome::fail)) + " failed, " +
            std::to_string(component.count(Outcome::not_applicable)) + " not applicable, " +
            std::to_string(component.count(Outcome::not_run)) + " not run)\n";
    for (const Score& score : component.scores) {
      text += "  " + padded(outcome_name(score.result.outcome), 9) + padded(score.check, 28) +
              score.promise + "\n";
      if (!score.result.why.empty()) {
        text += "           " + indented(score.result.why) + "\n";
      }
    }
  }
  return text;
}

nlohmann::ordered_json to_json(const Scorecard& scorecard) {
  nlohmann::ordered_json components = nlohmann::ordered_json::array();
  for (const ComponentScores& component : scorecard.components) {
    nlohmann::ordered_json checks = nlohmann::ordered_json::array();
    for (const Score& score : component.scores) {
      checks.push_back({{"name", score.check},
                        {"outcome", outcome_key(score.result.outcome)},
                        {"promise", score.promise},
                        {"why", score.result.why}});
    }
    components.push_back({{"kind", kind_name(component.kind)},
                          {"id", component.id},
                          {"verdict", component.verdict()},
                          {"checks", std::move(checks)}});
  }
  return {{"file", scorecard.file},
          {"plugin", scorecard.plugin},
          {"version", scorecard.version},
          {"interface", scorecard.interface},
          {"components", std::move(components)}};
}

}  // namespace daymill
