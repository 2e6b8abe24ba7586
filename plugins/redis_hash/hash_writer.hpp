// Writes rows into the stage of a day.
#pragma once

#include <memory>

#include "connection.hpp"
#include "hash_sink.hpp"

namespace daymill::redis_hash {

/// How long a stage outlives the last page that was written into it.
inline constexpr const char* kStageSeconds = "86400";

[[nodiscard]] std::unique_ptr<Writer> make_hash_writer(std::unique_ptr<Connection> connection,
                                                       std::shared_ptr<HashSink::Day> day,
                                                       HashSink::Shape shape);

}  // namespace daymill::redis_hash
