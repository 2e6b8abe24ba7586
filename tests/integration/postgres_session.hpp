// A session that stays open, to hold locks.
#pragma once

#include <memory>
#include <string>

struct pg_conn;

namespace daymill::integration {

/// Errors are std::runtime_error. Ends its transaction when it is destroyed.
class PostgresSession {
 public:
  explicit PostgresSession(const std::string& conninfo);
  void exec(const std::string& sql);

 private:
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Closer> connection_;
};

}  // namespace daymill::integration
