// What a person may decide about a day for which the evidence alone does not tell what is right
// (NEEDS_DECISION).
#pragma once

#include <string>

#include "daymill/plugin.hpp"

namespace daymill {

enum class Choice {
  none = 0,
  as_new,   ///< what the source holds now is new: it is counted beside what is loaded
  replace,  ///< what the source holds now stands for what is loaded
  discard,  ///< what the source holds now is not to be counted: it is removed; a copy is kept
  adopt,    ///< the rows of the day in the target are right as they are
};

const char* choice_name(Choice choice);  // "as-new"

struct OperatorChoice {
  Choice choice = Choice::none;
  std::string decided_by;  ///< user@host
  std::string reason;
};

/// The commands that settle a day, for an error's "next": "daymill decide ad_ctr.json 2026-11-22
/// --as-new | --replace | --discard", limited to what is possible, each with its meaning.
std::string decide_commands(const std::string& pipeline_file, const std::string& day,
                            std::initializer_list<Choice> possible);

}  // namespace daymill
