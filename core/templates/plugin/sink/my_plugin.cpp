#include "my_plugin.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

using namespace daymill;

namespace {

Status failure(const char* what, const std::string& file) {
  const int error = errno;
  const Code code = error == ENOSPC                     ? Code::resource_exhausted
                    : error == EACCES || error == EPERM ? Code::permission_denied
                    : error == ENOENT                   ? Code::not_found
                                                        : Code::unavailable;
  return Status(code, std::string(what) + ": " + std::strerror(error)).at(file);
}

/// On disk before anybody says that it is committed.
Status sync(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) {
    return failure("cannot open", path);
  }
  const Status status = ::fsync(descriptor) == 0 ? Status() : failure("cannot sync", path);
  ::close(descriptor);
  return status;
}

std::string value_text(const Field& field, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    return "";
  }
  switch (field.type) {
    case Type::boolean:
      return column.boolean(row) ? "true" : "false";
    case Type::int64:
      return std::to_string(column.int64s()[row]);
    case Type::float64:
      return float64_text(column.float64s()[row]);
    case Type::date:
      return date_text(column.dates()[row]);
    case Type::timestamp:
      return timestamp_text(column.int64s()[row]);
    case Type::text:
    case Type::binary:
      break;
  }
  return printable(column.bytes_at(row), column.bytes_at(row).size());  // no tab, no line end
}

class LinesWriter final : public Writer {
 public:
  LinesWriter(const std::string& file, Schema schema, std::shared_ptr<std::int64_t> rows, Host host)
      : file_(file),
        stream_(file, std::ios::binary | std::ios::trunc),
        schema_(std::move(schema)),
        rows_(std::move(rows)),
        host_(host) {}

  Status write(RecordBatch batch) override {
    if (host_.stop_requested()) {
      return Status(Code::cancelled, "stopped while writing");
    }
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      for (std::size_t i = 0; i < schema_.size(); ++i) {
        stream_ << (i == 0 ? "" : "\t") << value_text(schema_.fields[i], batch.column(i), row);
      }
      stream_ << '\n';
    }
    *rows_ += batch.num_rows();
    return stream_ ? Status() : failure("cannot write", file_);
  }

  Status finish() override {
    stream_.close();
    return stream_ ? sync(file_, O_WRONLY) : failure("cannot write", file_);
  }

 private:
  std::string file_;
  std::ofstream stream_;
  Schema schema_;
  std::shared_ptr<std::int64_t> rows_;
  Host host_;
};

}  // namespace

ConfigSpec MyPlugin::spec() {
  return ConfigSpec("Writes tab-separated lines, one file per day")
      .add(text_field("path", "The day's file; {date:%Y%m%d} becomes its date")
               .required()
               .example("\"out/lines-{date:%Y%m%d}.tsv\""));
}

Result<std::unique_ptr<Sink>> MyPlugin::create(const Config& config, Host host) {
  if (config.text("path").empty()) {
    return Status(Code::invalid_config, "path is empty, expected the name of a file");
  }
  DAYMILL_TRY(expand_date(config.text("path"), Partition{}));  // a bad template is found now
  return std::make_unique<MyPlugin>(config.text("path"), host);
}

MyPlugin::MyPlugin(std::string path, Host host) : path_(std::move(path)), host_(host) {}

Status MyPlugin::bind(const Schema& rows, const std::string& /*pipeline*/) {
  schema_ = rows;
  return rows.size() == 0 ? Status(Code::schema_mismatch, "found no columns, expected some")
                          : Status();
}

Result<Evidence> MyPlugin::receipts(const Partition& /*partition*/, bool /*settle*/) {
  return Evidence{};
}

Result<std::int64_t> MyPlugin::claim(const Partition& /*partition*/) {
  return 1;
}

Status MyPlugin::begin(const Attempt& attempt) {
  DAYMILL_ASSIGN(file_, expand_date(path_, attempt.partition));
  rows_written_ = std::make_shared<std::int64_t>(0);
  std::error_code error;
  const auto folder = std::filesystem::path(file_).parent_path();
  if (!folder.empty()) {
    std::filesystem::create_directories(folder, error);
  }
  return error ? Status(Code::permission_denied, "cannot make the folder: " + error.message())
                     .at(folder.string())
               : Status();
}

Result<std::unique_ptr<Writer>> MyPlugin::open() {
  return std::make_unique<LinesWriter>(file_ + ".part", schema_, rows_written_, host_);
}

Status MyPlugin::reject(const std::vector<RejectRow>& /*rows*/) {
  return {};
}

Status MyPlugin::commit(const Load& load, const std::vector<Receipt>& /*receipts*/) {
  if (*rows_written_ != load.rows_out) {
    return Status(Code::invalid_data, "wrote " + std::to_string(*rows_written_) +
                                          " rows, expected " + std::to_string(load.rows_out))
        .at(file_);
  }
  if (std::rename((file_ + ".part").c_str(), file_.c_str()) != 0) {
    return failure("cannot rename the day's file", file_);
  }
  const auto folder = std::filesystem::path(file_).parent_path();
  return sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

void MyPlugin::abort() noexcept {
  if (!file_.empty()) {
    std::remove((file_ + ".part").c_str());
  }
}

Status MyPlugin::mark_removed(const Partition& /*partition*/, const std::string& /*split*/,
                              std::int64_t /*generation*/) {
  return {};
}

Result<std::string> MyPlugin::identity() {
  return "my_plugin:" + path_;
}

DAYMILL_PLUGIN("my_plugin", "0.1.0",
               daymill::sink<MyPlugin>("my_plugin", MyPlugin::spec(),
                                       DAYMILL_SINK_REPLACES_PARTITION));
