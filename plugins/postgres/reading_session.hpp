// A session in the middle of a transaction that reads.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "connection.hpp"

namespace daymill::postgres {

/// Movable. The transaction ends before its session, whatever happens.
struct ReadingSession {
  static Result<ReadingSession> begin(std::unique_ptr<Connection> opened) {
    ReadingSession session;
    DAYMILL_ASSIGN(Transaction begun, Transaction::begin_reading(*opened));
    session.connection = std::move(opened);
    session.transaction.emplace(std::move(begun));
    return session;
  }
  void end() {
    transaction.reset();
    connection.reset();
  }

  std::unique_ptr<Connection> connection;
  std::optional<Transaction> transaction;
};

}  // namespace daymill::postgres
