#include "removal_sink.hpp"

#include "daymill/failpoint.hpp"

namespace daymill::redis_hash {

Status check_removal_sink(Connection& connection, const Endpoint& endpoint,
                          const RemovalProof& proof) {
  const std::string name = "daymill:" + proof.pipeline + ":sink";
  DAYMILL_FAILPOINT("redis.sink_read");
  DAYMILL_ASSIGN(Reply found, connection.call({"GET", name}));
  if (is_nil(found)) {
    DAYMILL_FAILPOINT("redis.sink_write");
    DAYMILL_TRY(connection.call({"SET", name, proof.sink, "NX"}));
    DAYMILL_ASSIGN(found, connection.call({"GET", name}));
  }
  if (text_of(found) == proof.sink) {
    return {};
  }
  return Status(Code::invalid_config, "pipeline " + proof.pipeline +
                                          " removes on behalf of the sink \"" +
                                          printable(text_of(found)) + "\", but this load is in \"" +
                                          printable(proof.sink) + "\"; nothing was removed")
      .at(endpoint.place(name))
      .next("correct the sink's config; if the sink has moved for good: redis-cli DEL " + name);
}

}  // namespace daymill::redis_hash
