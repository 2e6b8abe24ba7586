#include "inventory.hpp"

#include <string>

namespace daymill::redis_hash {

Result<std::set<std::int32_t>> days_with_keys(Connection& connection, const Settings& settings) {
  std::set<std::int32_t> days;
  for (const Measure& measure : settings.measures) {
    const std::string& glob = measure.keys.front().glob();  // fits them all
    std::string cursor = "0";
    do {
      DAYMILL_ASSIGN(const Reply reply, connection.call({"SCAN", cursor, "MATCH", glob, "COUNT",
                                                         "1000", "TYPE", "hash"}));
      if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
          reply->element[0]->str == nullptr) {
        return Status(Code::unsupported, "the answer to SCAN is not a cursor and a list of keys")
            .at(connection.place());
      }
      cursor.assign(reply->element[0]->str, reply->element[0]->len);
      const redisReply& keys = *reply->element[1];
      for (std::size_t i = 0; i < keys.elements; ++i) {
        for (const KeyTemplate& key : measure.keys) {
          if (const auto day = key.day_of({keys.element[i]->str, keys.element[i]->len})) {
            days.insert(*day);
            break;
          }
        }
      }
    } while (cursor != "0");
  }
  return days;
}

}  // namespace daymill::redis_hash
