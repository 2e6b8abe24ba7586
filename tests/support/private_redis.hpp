#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

struct redisContext;

namespace daymill::support {

/// A real redis-server of this test's own, on a free port of 127.0.0.1 with a temporary folder.
/// The constructor returns when it answers; the destructor stops it and removes its folder. Nothing
/// is persisted unless the configuration says so. Use from one thread, and keep the thread that
/// started it alive: the server dies with it. Errors are std::runtime_error with the server's log.
class PrivateRedis {
 public:
  /// `configuration`: lines of redis.conf, for example {"requirepass s3cret", "maxmemory 64mb"},
  /// or {"appendonly yes", "appendfsync always"} to survive kill9().
  explicit PrivateRedis(std::vector<std::string> configuration = {});
  ~PrivateRedis();
  PrivateRedis(const PrivateRedis&) = delete;
  PrivateRedis& operator=(const PrivateRedis&) = delete;

  [[nodiscard]] static std::string host() { return "127.0.0.1"; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  void start();    ///< on the same port as before; nothing when it runs
  void stop();     ///< SIGTERM: a clean shutdown
  void kill9();    ///< SIGKILL
  void restart();  ///< stop() when it runs, then start()

  /// Sends one command (authenticated when `requirepass` is configured). Text, status or number of
  /// the answer; nothing for nil. An error answer is thrown, with Redis's own text.
  std::optional<std::string> command(const std::vector<std::string>& arguments);
  /// The same for commands that answer a list (HGETALL, KEYS, …), flattened to text.
  std::vector<std::string> list(const std::vector<std::string>& arguments);

 private:
  bool try_start();
  bool is_ours();
  [[nodiscard]] std::string log() const;
  redisContext& connection();
  void disconnect();
  void* call(const std::vector<std::string>& arguments);

  TemporaryFolder folder_{"redis"};
  std::vector<std::string> configuration_;
  std::string password_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
  redisContext* connection_ = nullptr;
};

}  // namespace daymill::support
