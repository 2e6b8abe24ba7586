// The questions of one round, so that a person sees all of them before answering one.
#pragma once

#include "daymill/status.hpp"

namespace daymill {

class Questions {
 public:
  /// OK for an OK or a NEEDS_DECISION, which is kept; any other error is passed on.
  Status add(const Status& status) {
    if (status.code() != Code::needs_decision) {
      return status;
    }
    if (all_.ok()) {
      all_ = status;
      return {};
    }
    const std::string place = status.where().empty() ? "" : " (" + status.where() + ")";
    all_ = Status(all_.code(), all_.message() + ". Also: " + status.message() + place)
               .at(all_.where())
               .next(all_.next() == status.next() ? all_.next()
                                                  : all_.next() + "\n        " + status.next());
    return {};
  }
  /// NEEDS_DECISION with all of them, or OK.
  [[nodiscard]] const Status& status() const { return all_; }

 private:
  Status all_;
};

}  // namespace daymill
