// A Redis that has just been started and is busy loading its data set.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "support/process.hpp"

namespace daymill::redis_hash {

/// Serves dump.rdb of `folder`, which it loads so slowly that it will not end by itself in a test's
/// time. The constructor returns when the server answers, and loads; std::runtime_error when it
/// cannot.
class LoadingRedis {
 public:
  explicit LoadingRedis(const std::filesystem::path& folder);

  [[nodiscard]] int port() const { return port_; }
  /// Loads the rest at full speed, and returns when that is done.
  void finish() const;

 private:
  bool try_start(const std::filesystem::path& folder);
  [[nodiscard]] bool says(const std::string& line) const;

  int port_ = 0;
  std::unique_ptr<support::Process> process_;
};

}  // namespace daymill::redis_hash
