// Making and destroying a component, without using it.
#include "certify/check.hpp"

namespace daymill {

namespace {

constexpr int kTimes = 50;

CheckResult created_and_destroyed(const Subject& subject) {
  for (int i = 0; i < kTimes; ++i) {
    DAYMILL_TRY(subject.create(subject.settings));
  }
  return {};
}

/// Two at once, destroyed in the order in which they were made.
CheckResult side_by_side(const Subject& subject) {
  const auto both = [&](auto make) -> Status {
    DAYMILL_ASSIGN(auto first, make());
    DAYMILL_ASSIGN(auto second, make());
    first.reset();
    return second == nullptr ? broken_promise("made nothing") : ok_status();
  };
  switch (subject.component.kind) {
    case ComponentKind::source:
      return both([&] { return subject.source(); });
    case ComponentKind::transform:
      return both([&] { return subject.transform(); });
    case ComponentKind::sink:
      return both([&] { return subject.sink(); });
  }
  return {};
}

}  // namespace

std::vector<Check> lifecycle_checks() {
  return {{"lifecycle.create_destroy", "created and destroyed 50 times", Needs::examples, 0,
           created_and_destroyed},
          {"lifecycle.side_by_side", "two of them live at the same time", Needs::examples, 0,
           side_by_side}};
}

}  // namespace daymill
