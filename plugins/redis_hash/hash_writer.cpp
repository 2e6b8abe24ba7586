#include "hash_writer.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "daymill/value.hpp"

namespace daymill::redis_hash {
namespace {

constexpr std::size_t kPageRows = 1000;
constexpr std::size_t kPageBytes = std::size_t{256} << 10;

/// Field and value of one row.
struct Entry {
  std::string field;
  std::string value;
};

Status render_value(const HashSink::Shape& shape, const Column& column, std::int64_t row,
                    Entry& entry) {
  entry.value.clear();
  if (column.is_null(row)) {
    entry.value = shape.is_measure ? "0" : "";  // Redis has no null; a measure's sum says 0
    return {};
  }
  switch (shape.type) {
    case Type::int64:
      entry.value = std::to_string(column.int64s()[row]);
      break;
    case Type::float64:
      if (!std::isfinite(column.float64s()[row])) {
        return Status(Code::invalid_data, "row \"" + printable(entry.field) +
                                              "\": the value is not finite, expected a number");
      }
      entry.value = float64_text(column.float64s()[row]);
      break;
    default:
      entry.value = column.bytes_at(row);
      break;
  }
  return {};
}

class HashWriter final : public Writer {
 public:
  HashWriter(std::unique_ptr<Connection> connection, std::shared_ptr<HashSink::Day> day,
             HashSink::Shape shape)
      : connection_(std::move(connection)),
        day_(std::move(day)),
        shape_(std::move(shape)),
        page_(kPageRows) {}

  ~HashWriter() override {
    if (!finished_) {
      const std::lock_guard lock(day_->mutex);
      day_->given_up = true;
    }
  }

  Status write(RecordBatch batch) override {
    const Column& values = batch.column(shape_.value);
    std::int64_t sum = 0;
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      Entry& entry = page_[entries_];
      DAYMILL_TRY(shape_.field.render(batch, row, entry.field).at(day_->place));
      DAYMILL_TRY(render_value(shape_, values, row, entry).at(day_->place));
      if (shape_.is_measure && !values.is_null(row) &&
          __builtin_add_overflow(sum, values.int64s()[row], &sum)) {
        return Status(Code::invalid_data, "the sum of the values exceeds 64 bits").at(day_->place);
      }
      ++entries_;
      bytes_ += entry.field.size() + entry.value.size();
      if (entries_ == kPageRows || bytes_ >= kPageBytes) {
        DAYMILL_TRY(send_page());
      }
    }
    DAYMILL_TRY(send_page());
    const std::lock_guard lock(day_->mutex);
    day_->rows += batch.num_rows();
    if (__builtin_add_overflow(day_->sum, sum, &day_->sum)) {
      return Status(Code::invalid_data, "the sum of the values exceeds 64 bits").at(day_->place);
    }
    return {};
  }

  Status finish() override {
    finished_ = true;
    return {};
  }

 private:
  /// One HSETNX for each row: its answer tells when another row has the field already, and what is
  /// there stays to be named.
  Status send_page() {
    if (entries_ == 0) {
      return {};
    }
    std::vector<Command> commands;
    commands.reserve(entries_ + 1);
    for (std::size_t i = 0; i < entries_; ++i) {
      commands.push_back({"HSETNX", day_->stage, page_[i].field, page_[i].value});
    }
    commands.push_back({"EXPIRE", day_->stage, kStageSeconds});
    DAYMILL_ASSIGN(const auto replies, connection_->call_all(commands));
    for (std::size_t i = 0; i < commands.size(); ++i) {
      DAYMILL_TRY(error_of(replies[i]).at(day_->place));
      if (i < entries_ && replies[i]->integer == 0) {
        return name_both(page_[i]);
      }
    }
    entries_ = 0;
    bytes_ = 0;
    return {};
  }

  Status name_both(const Entry& entry) {
    DAYMILL_ASSIGN(const Reply first, connection_->call({"HGET", day_->stage, entry.field}));
    return Status(Code::invalid_data, "two rows have the field \"" + printable(entry.field) +
                                          "\", with the values \"" + printable(text_of(first)) +
                                          "\" and \"" + printable(entry.value) +
                                          "\", expected a field for each row")
        .at(day_->place);
  }

  std::unique_ptr<Connection> connection_;
  std::shared_ptr<HashSink::Day> day_;
  HashSink::Shape shape_;
  std::vector<Entry> page_;  // reused
  std::size_t entries_ = 0;
  std::size_t bytes_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Writer> make_hash_writer(std::unique_ptr<Connection> connection,
                                         std::shared_ptr<HashSink::Day> day,
                                         HashSink::Shape shape) {
  return std::make_unique<HashWriter>(std::move(connection), std::move(day), std::move(shape));
}

}  // namespace daymill::redis_hash
