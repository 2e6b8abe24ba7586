#include "run/writer_thread.hpp"

#include <utility>

namespace daymill {

namespace {

constexpr std::size_t kQueueBytes = std::size_t{8} << 20;

std::size_t byte_size(const Schema& schema, const RecordBatch& batch) {
  const auto rows = static_cast<std::size_t>(batch.num_rows());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const bool var_length = is_var_length(schema.fields[i].type);
    bytes += var_length ? rows * sizeof(std::int32_t) +
                              static_cast<std::size_t>(batch.column(i).offsets()[rows])
                        : rows * 8;
  }
  return bytes;
}

}  // namespace

WriterThread::WriterThread(Writer& writer)
    : writer_(writer), queue_(kQueueBytes), thread_([this] { work(); }) {}

Status WriterThread::push(const Schema& schema, RecordBatch batch) {
  const std::size_t bytes = byte_size(schema, batch);
  if (!queue_.push(std::move(batch), bytes)) {
    if (thread_.joinable()) {
      thread_.join();
    }
    return status_;
  }
  return {};
}

Status WriterThread::finish() {
  queue_.close();
  if (thread_.joinable()) {
    thread_.join();
  }
  return status_.ok() ? writer_.finish() : status_;
}

void WriterThread::work() {
  while (auto batch = queue_.pop()) {
    status_ = writer_.write(std::move(*batch));
    if (!status_.ok()) {
      queue_.close();
      return;
    }
  }
}

}  // namespace daymill
