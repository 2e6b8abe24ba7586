// A sink that writes one file per day and replaces it as a whole: everything but the bytes, which a
// FileFormat gives.
//
//   class Lines final : public daymill::FileFormat { ... };
//   class LinesSink final : public daymill::FileSink {
//    public:
//     static daymill::Result<std::unique_ptr<daymill::Sink>> create(const daymill::Config& config,
//                                                                   daymill::Host) {
//       DAYMILL_TRY(check_path(config, "lines"));
//       return std::unique_ptr<Sink>(new LinesSink(config, std::make_unique<Lines>()));
//     }
//   };
//
// It keeps no receipts: a run always loads, and nothing can be removed from a source against it.
// What protects a day is that its file is replaced in one step, after rows and sums were compared
// with the load's. Capability: DAYMILL_SINK_REPLACES_PARTITION.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "daymill/plugin.hpp"
#include "daymill/whole_file.hpp"

namespace daymill {

/// How rows become bytes. Asked from several threads at once.
class FileFormat {
 public:
  virtual ~FileFormat() = default;
  /// The component's id, before its messages: "csv".
  [[nodiscard]] virtual const char* id() const = 0;
  /// What cannot hold binary columns, for people: "CSV".
  [[nodiscard]] virtual const char* name() const = 0;
  /// Name and value of the partition column.
  using First = std::optional<std::pair<std::string, std::string>>;
  /// What the file begins with.
  virtual void append_header(std::string& out, const Schema& rows, const First& first) const = 0;
  virtual Status append_rows(std::string& out, const Schema& rows, const RecordBatch& batch,
                             const First& first) const = 0;
};

class FileSink : public Sink {
 public:
  Status check_rows(const Schema& rows) override {
    for (const Field& field : rows.fields) {
      if (field.type == Type::binary) {
        return Status(Code::schema_mismatch, of("column \"" + field.name + "\" is binary, which " +
                                                format_->name() + " cannot hold"));
      }
    }
    if (partition_column_ && rows.index_of(*partition_column_)) {
      return Status(Code::schema_mismatch,
                    of("the rows have a column \"" + *partition_column_ + "\" already"))
          .next("choose another partition_column or leave it out");
    }
    return {};
  }
  Status bind(const Schema& rows, const std::string& /*pipeline*/) override {
    schema_ = rows;
    return check_rows(rows).at(path_);
  }
  Result<Evidence> receipts(const Partition& /*partition*/, bool /*settle*/) override {
    return Evidence{};
  }
  Result<std::int64_t> claim(const Partition& /*partition*/) override { return std::int64_t{1}; }
  Status begin(const Attempt& attempt) override;
  Result<std::unique_ptr<Writer>> open() override;
  Status reject(const std::vector<RejectRow>& /*rows*/) override {
    return Status(Code::unsupported, of("this sink does not keep rejects")).at(path_);
  }
  Status commit(const Load& load, const std::vector<Receipt>& receipts) override;
  void abort() noexcept override { day_.reset(); }
  Status mark_removed(const Partition& /*partition*/, const std::string& /*split*/,
                      std::int64_t /*generation*/) override {
    return Status(Code::unsupported, of("this sink keeps no receipts")).at(path_);
  }
  Result<std::string> identity() override {
    return format_->id() + (":" + std::filesystem::absolute(path_).lexically_normal().string());
  }

 protected:
  /// Reads the settings `path`, `partition_column` and `create`.
  FileSink(const Config& config, std::unique_ptr<const FileFormat> format)
      : path_(config.text("path")),
        create_folder_(config.boolean("create")),
        format_(std::move(format)) {
    if (config.has("partition_column")) {
      partition_column_ = config.text("partition_column");
    }
  }
  /// INVALID_CONFIG when the setting `path` is not a file of each day's own.
  static Status check_path(const Config& config, const char* id) {
    const std::string path = config.text("path");
    DAYMILL_ASSIGN(const std::string one_day, expand_date(path, Partition{}));
    if (one_day == path) {
      return Status(Code::invalid_config, std::string(id) + ": the path \"" + path +
                                              "\" has no {date:%Y%m%d}, so that every day would "
                                              "replace the file of the day before");
    }
    return {};
  }

 private:
  /// The day's file while it is written, shared by the writers of the attempt.
  struct Day {
    explicit Day(PartFile part) : file(std::move(part)) {}
    std::mutex mutex;  // guards all of it
    PartFile file;
    std::int64_t rows = 0;
    std::vector<Sum> sums;
    bool given_up = false;  // a writer was destroyed before it had finished
  };
  class DayWriter;

  [[nodiscard]] std::string of(const std::string& message) const {
    return std::string(format_->id()) + ": " + message;
  }
  static Status add_sums(const Schema& schema, const RecordBatch& batch, std::vector<Sum>& sums);
  static Status verify(const Day& day, const Load& load);

  std::string path_;
  std::optional<std::string> partition_column_;
  bool create_folder_;
  std::shared_ptr<const FileFormat> format_;
  Schema schema_;
  FileFormat::First first_;
  std::shared_ptr<Day> day_;
};

class FileSink::DayWriter final : public Writer {
 public:
  DayWriter(std::shared_ptr<Day> day, std::shared_ptr<const FileFormat> format, Schema schema,
            FileFormat::First first)
      : day_(std::move(day)),
        format_(std::move(format)),
        schema_(std::move(schema)),
        first_(std::move(first)) {}
  ~DayWriter() override {
    if (!finished_) {
      const std::lock_guard<std::mutex> lock(day_->mutex);
      day_->given_up = true;
    }
  }
  Status write(RecordBatch batch) override {
    text_.clear();
    DAYMILL_TRY(format_->append_rows(text_, schema_, batch, first_));
    const std::lock_guard<std::mutex> lock(day_->mutex);
    DAYMILL_TRY(add_sums(schema_, batch, day_->sums));
    day_->rows += batch.num_rows();
    return day_->file.write(text_);
  }
  Status finish() override {
    finished_ = true;
    return {};
  }

 private:
  std::shared_ptr<Day> day_;
  std::shared_ptr<const FileFormat> format_;
  Schema schema_;
  FileFormat::First first_;
  std::string text_;
  bool finished_ = false;
};

/// Adds the batch's measures to the sums. INVALID_DATA on overflow.
inline Status FileSink::add_sums(const Schema& schema, const RecordBatch& batch,
                                 std::vector<Sum>& sums) {
  const std::vector<std::size_t> measures = schema.with_role(Role::measure);
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const Column& column = batch.column(measures[i]);
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      const std::int64_t value = column.is_null(row) ? 0 : column.int64s()[row];
      if (__builtin_add_overflow(sums[i].value, value, &sums[i].value)) {
        return Status(Code::invalid_data,
                      "the sum of the measure \"" + sums[i].measure + "\" exceeds 64 bits");
      }
    }
  }
  return {};
}

/// Conservation: the file holds what the load says.
inline Status FileSink::verify(const Day& day, const Load& load) {
  if (day.given_up) {
    return Status(Code::internal, "a writer did not finish, its rows may be incomplete");
  }
  if (day.rows != load.rows_out) {
    return Status(Code::internal, "the file has " + std::to_string(day.rows) + " rows, the load " +
                                      std::to_string(load.rows_out));
  }
  for (const Sum& expected : load.sums) {
    for (const Sum& found : day.sums) {
      if (found.measure == expected.measure && found.value != expected.value) {
        return Status(Code::internal, "the sum of \"" + found.measure + "\" is " +
                                          std::to_string(found.value) + " in the file and " +
                                          std::to_string(expected.value) + " in the load");
      }
    }
  }
  return {};
}

inline Status FileSink::begin(const Attempt& attempt) {
  day_.reset();
  DAYMILL_ASSIGN(const std::filesystem::path path, expand_date(path_, attempt.partition));
  std::error_code error;
  if (create_folder_ && path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
  }
  if (std::filesystem::is_directory(path, error)) {
    return Status(Code::invalid_config, of("the path is a folder, expected a file"))
        .at(path.string());
  }
  auto file = PartFile::create(path);
  if (!file.ok() && file.status().code() == Code::not_found) {
    return file.status().next("make the folder, or set \"create\": true");
  }
  DAYMILL_TRY(file);
  first_.reset();
  if (partition_column_) {
    first_.emplace(*partition_column_, attempt.partition.label);
  }
  day_ = std::make_shared<Day>(std::move(file).value());
  for (const std::size_t measure : schema_.with_role(Role::measure)) {
    day_->sums.push_back(Sum{schema_.fields[measure].name, 0});
  }
  std::string header;
  format_->append_header(header, schema_, first_);
  return day_->file.write(header);
}

inline Result<std::unique_ptr<Writer>> FileSink::open() {
  if (!day_) {
    return Status(Code::internal, of("open before begin"));
  }
  return std::unique_ptr<Writer>(std::make_unique<DayWriter>(day_, format_, schema_, first_));
}

inline Status FileSink::commit(const Load& load, const std::vector<Receipt>& /*receipts*/) {
  if (!day_) {
    return Status(Code::internal, of("commit before begin"));
  }
  const std::shared_ptr<Day> day = std::exchange(day_, nullptr);
  const std::lock_guard<std::mutex> lock(day->mutex);
  Status verified = verify(*day, load);
  if (!verified.ok()) {
    return std::move(verified).at(day->file.path().string());
  }
  return day->file.publish();
}

}  // namespace daymill
