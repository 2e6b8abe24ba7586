#include "watched_write.hpp"

#include "daymill/failpoint.hpp"

namespace daymill::redis_hash {
namespace {

bool all_done(const redisReply& results, std::size_t expected) {
  bool right = results.type == REDIS_REPLY_ARRAY && results.elements == expected;
  for (std::size_t i = 0; right && i < expected; ++i) {
    right = results.element[i]->type != REDIS_REPLY_ERROR;
  }
  return right;
}

}  // namespace

Result<Execution> execute_watched(Connection& watching, const std::vector<Command>& commands,
                                  const std::string& place, const std::string& record_name) {
  auto here = [&](const Status& status) { return Status(status).at(place); };
  DAYMILL_FAILPOINT("redis.multi");
  // MULTI is answered before anything else is sent: a refused MULTI must not leave a bare UNLINK
  // behind it.
  if (const auto multi = watching.call({"MULTI"}); !multi.ok()) {
    return here(multi.status());
  }
  DAYMILL_FAILPOINT("redis.queue");
  DAYMILL_ASSIGN(const auto queued, watching.call_all(commands));
  for (const Reply& reply : queued) {
    DAYMILL_TRY(here(error_of(reply)));  // closing the connection discards the MULTI
  }
  DAYMILL_FAILPOINT("redis.exec_sent");
  const auto executed = watching.call({"EXEC"});
  DAYMILL_FAILPOINT("redis.exec_reply");
  if (!executed.ok()) {
    const Code code = executed.status().code();
    if (code != Code::unavailable && code != Code::timeout) {
      return here(executed.status());
    }
    return Execution{Execution::Outcome::lost, here(executed.status())};
  }
  if (is_nil(executed.value())) {
    return Execution{Execution::Outcome::changed, {}};
  }
  if (!all_done(*executed.value(), commands.size())) {
    return Status(Code::needs_decision,
                  "EXEC did not answer as expected: look at the key and its removal record " +
                      printable(record_name))
        .at(place);
  }
  return Execution{};
}

}  // namespace daymill::redis_hash
