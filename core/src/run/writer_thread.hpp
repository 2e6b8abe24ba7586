// A sink's writer at work on a thread of its own, so that rows are made while rows are written.
#pragma once

#include <thread>

#include "daymill/plugin.hpp"
#include "run/bounded_queue.hpp"

namespace daymill {

/// push... → finish. Used by one thread; at most 8 MiB wait for the writer. Destroyed before
/// finish(): what is in the queue is still written, then the thread ends.
class WriterThread {
 public:
  explicit WriterThread(Writer& writer);
  ~WriterThread() { queue_.close(); }

  /// The writer's error, once it has one: nothing more is taken then.
  Status push(const Schema& schema, RecordBatch batch);
  /// After the last batch: waits until all are written and finishes the writer.
  Status finish();

 private:
  void work();

  Writer& writer_;
  BoundedQueue<RecordBatch> queue_;
  Status status_;  // written by the thread, read after it was joined
  std::jthread thread_;
};

}  // namespace daymill
