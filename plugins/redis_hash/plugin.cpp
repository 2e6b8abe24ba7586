#include <daymill/plugin.hpp>

#include "hash_sink.hpp"
#include "source.hpp"

namespace {
using daymill::redis_hash::HashSink;
using daymill::redis_hash::RedisHash;
using daymill::redis_hash::Settings;
constexpr std::int32_t kLogicVersion = 1;
}  // namespace

DAYMILL_PLUGIN("redis_hash", "0.1.0",
               daymill::source<RedisHash>("redis_hash", Settings::spec(),
                                          DAYMILL_SOURCE_REMOVES_BY_PROOF |
                                              DAYMILL_SOURCE_REPEATS_ROWS |
                                              DAYMILL_SOURCE_READS_IN_ORDER,
                                          kLogicVersion),
               daymill::sink<HashSink>("redis_hash", HashSink::spec(),
                                       DAYMILL_SINK_REPLACES_PARTITION));
