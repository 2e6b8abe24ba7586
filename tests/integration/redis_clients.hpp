// Clients that count in Redis as an ad system does: HINCRBY, several at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ad_counts.hpp"

struct redisContext;

namespace daymill::integration {

/// The key in which the events of a day ("2024-11-22") are counted: "clicklog_keys:20241122".
std::string key_of(Event event, const std::string& day);

/// One connection to 127.0.0.1:port. Errors are std::runtime_error. One thread at a time.
class RedisClient {
 public:
  explicit RedisClient(int port, const std::string& password = {});
  /// Sends all, then waits for all answers: returns when every increment is acknowledged. `shard`
  /// (":3") is put behind the keys.
  void record(const std::string& day, const std::vector<Increment>& increments,
              const std::string& shard = {});
  /// How many commands the server has processed so far, of all clients, this one included.
  std::int64_t commands_processed();

 private:
  struct Closer {
    void operator()(redisContext* context) const;
  };
  void expect_integer();
  std::unique_ptr<redisContext, Closer> context_;
};

/// Records the increments through `clients` connections at once.
void record(int port, const std::string& day, const std::vector<Increment>& increments,
            int clients = 4);

}  // namespace daymill::integration
