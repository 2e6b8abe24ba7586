// MULTI and EXEC on a connection that watches: the only way in which anything is removed or a
// removal record is written.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"

namespace daymill::redis_hash {

/// What became of it.
struct Execution {
  enum class Outcome {
    done,
    changed,  ///< somebody wrote to a watched key; nothing was done
    lost,     ///< the answer to EXEC did not arrive: the record decides
  };
  Outcome outcome = Outcome::done;
  Status lost;  ///< what happened to the connection; OK unless the outcome is `lost`
};

/// Runs `commands` in one MULTI/EXEC. After an error nothing was done, except NEEDS_DECISION: EXEC
/// answered something that cannot be. `place` and `record_name` are for errors. Whatever comes of
/// it, the WATCH is used up.
Result<Execution> execute_watched(Connection& watching, const std::vector<Command>& commands,
                                  const std::string& place, const std::string& record_name);

}  // namespace daymill::redis_hash
