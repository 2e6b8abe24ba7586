#include "run/snapshot_thread.hpp"

#include <exception>
#include <utility>

namespace daymill {

SnapshotThread::SnapshotThread(SnapshotWriter& writer)
    : writer_(writer), queue_(kQueueBytes, kBytesAtOnce), thread_([this] { work(); }) {}

Status SnapshotThread::push(std::shared_ptr<const RecordBatch> rows, std::size_t bytes) {
  return queue_.push(std::move(rows), bytes) ? Status() : finish();
}

Status SnapshotThread::finish() {
  queue_.close();
  if (thread_.joinable()) {
    thread_.join();
  }
  return status_;
}

void SnapshotThread::work() {
  while (const auto rows = queue_.pop()) {
    try {
      status_ = writer_.append(**rows);
    } catch (const std::exception& error) {  // out of memory, say
      status_ = Status(Code::resource_exhausted, error.what());
    }
    if (!status_.ok()) {
      queue_.close();
      return;
    }
  }
}

}  // namespace daymill
