#include "run/operator_choice.hpp"

namespace daymill {

namespace {

const char* meaning(Choice choice) {
  switch (choice) {
    case Choice::as_new:
      return "count what the source holds now beside what is loaded";
    case Choice::replace:
      return "what the source holds now stands for what is loaded";
    case Choice::discard:
      return "remove what the source holds now without counting it; a copy is kept";
    case Choice::adopt:
      return "the rows in the target are right as they are";
    case Choice::none:
      break;
  }
  return "";
}

}  // namespace

const char* choice_name(Choice choice) {
  switch (choice) {
    case Choice::as_new:
      return "as-new";
    case Choice::replace:
      return "replace";
    case Choice::discard:
      return "discard";
    case Choice::adopt:
      return "adopt";
    case Choice::none:
      break;
  }
  return "none";
}

std::string decide_commands(const std::string& pipeline_file, const std::string& day,
                            std::initializer_list<Choice> possible) {
  std::string text;
  for (const Choice choice : possible) {
    text += text.empty() ? "" : "\n        ";
    text += choice == Choice::adopt
                ? "daymill adopt " + pipeline_file + " " + day
                : "daymill decide " + pipeline_file + " " + day + " --" + choice_name(choice);
    text += " --reason '...'   " + std::string(meaning(choice));
  }
  return text;
}

}  // namespace daymill
