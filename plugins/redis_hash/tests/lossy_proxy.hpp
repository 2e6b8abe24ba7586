// Stands between the source and Redis and loses a connection, or lets somebody write, at a chosen
// moment.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace daymill::redis_hash {

/// Forwards connections to a port of 127.0.0.1. A connection over which the client sends EXEC is
/// closed: after Redis has answered it (the answer is lost) or before Redis gets it, or it is
/// forwarded after `before_exec` has returned, which is called in the proxy's thread. Whoever
/// connects later is forwarded as usual.
class LossyProxy {
 public:
  enum class Loses { nothing, answer, request };
  LossyProxy(int redis_port, Loses loses, std::function<void()> before_exec = {});
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  struct Pair {
    int client = -1;
    int redis = -1;
  };
  void run();
  void accept_one();
  bool forward(const Pair& pair, bool from_client);

  int redis_port_;
  Loses loses_;
  std::function<void()> before_exec_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<Pair> pairs_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace daymill::redis_hash
