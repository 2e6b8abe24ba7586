// The rows and rejects of one attempt before they are committed: temporary tables, which take no
// lock of the database, cost no sync and vanish with the connection.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <daymill/plugin.hpp>

#include "connection.hpp"

namespace daymill::sqlite {

/// Shared by the sink and the writers of an attempt; its functions may be called from any thread.
class Stage : public std::enable_shared_from_this<Stage> {
 public:
  /// Drops what an earlier attempt on this connection has left.
  static Result<std::shared_ptr<Stage>> create(std::shared_ptr<Connection> connection, Schema rows,
                                               Host host);
  ~Stage();

  /// A writer with a table of its own, which is dropped when the writer is destroyed unfinished.
  Result<std::unique_ptr<Writer>> open_writer();
  Status add_rejects(const std::vector<RejectRow>& rows);

  /// Names of the tables whose writers have finished.
  [[nodiscard]] std::vector<std::string> finished_tables() const;
  [[nodiscard]] static const char* reject_table() { return "daymill_stage_reject"; }
  /// Drops the tables; writers that still live fail from now on. Never fails.
  void drop();

 private:
  class TableWriter;
  Stage(std::shared_ptr<Connection> connection, Schema rows, Host host)
      : connection_(std::move(connection)), rows_(std::move(rows)), host_(host) {}
  Status write_batch(Statement& insert, const RecordBatch& batch);
  void drop_table(const std::string& table);

  std::shared_ptr<Connection> connection_;
  Schema rows_;
  Host host_;
  mutable std::mutex mutex_;  // guards the connection and what follows
  std::vector<std::string> tables_;
  std::vector<std::string> finished_;
  int next_number_ = 0;
  bool dropped_ = false;
};

}  // namespace daymill::sqlite
