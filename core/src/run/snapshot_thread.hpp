// A snapshot's writer at work on a thread of its own: the source is asked for more while rows are
// hashed, compressed and written down.
#pragma once

#include <memory>
#include <thread>

#include "run/bounded_queue.hpp"
#include "snapshot/snapshot_writer.hpp"

namespace daymill {

/// push... → finish. Used by one thread, and the writer not at all meanwhile; at most 2 MiB wait
/// for it. Destroyed before finish(): what is in the queue is still written, then the thread ends.
class SnapshotThread {
 public:
  explicit SnapshotThread(SnapshotWriter& writer);
  ~SnapshotThread() { queue_.close(); }

  /// The writer's error, once it has one: nothing more is taken then.
  Status push(std::shared_ptr<const RecordBatch> rows, std::size_t bytes);
  /// After the last rows: waits until all are written.
  Status finish();

 private:
  /// Room for what is read while all buckets of a snapshot are compressed in a row.
  static constexpr std::size_t kQueueBytes = std::size_t{2} << 20;
  static constexpr std::size_t kBytesAtOnce = std::size_t{128} << 10;

  void work();

  SnapshotWriter& writer_;
  BoundedQueue<std::shared_ptr<const RecordBatch>> queue_;
  Status status_;  // written by the thread, read after it was joined
  std::jthread thread_;
};

}  // namespace daymill
