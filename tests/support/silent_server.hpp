#pragma once

namespace daymill::support {

/// A port of 127.0.0.1 that takes connections and never says a word.
class SilentServer {
 public:
  SilentServer();
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] bool was_asked() const;  ///< somebody has connected

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace daymill::support
