// One moment of the database that several sessions see, each in a transaction of its own.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "reading_session.hpp"

namespace daymill::postgres {

/// Holds a session with a transaction open as long as it lives: until then others can join. On a
/// standby too.
class Moment {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Moment>> take(const ConnectionSettings& settings,
                                                            Host host);
  /// To be called in a transaction of `connection` that has read nothing yet. CONFLICT when the
  /// moment is over.
  Status join(Connection& connection) const;

 private:
  Moment(ReadingSession session, std::string name)
      : session_(std::move(session)), name_(std::move(name)) {}

  ReadingSession session_;
  std::string name_;
};

}  // namespace daymill::postgres
