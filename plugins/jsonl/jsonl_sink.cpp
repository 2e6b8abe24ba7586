#include "jsonl_sink.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "json_text.hpp"

namespace daymill::jsonl {
namespace {

/// Adds the batch's measures to the sums. INVALID_DATA on overflow.
Status add_sums(const Schema& schema, const RecordBatch& batch, std::vector<Sum>& sums) {
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

/// Name and value of the partition column.
using First = std::optional<std::pair<std::string, std::string>>;

class JsonlWriter final : public Writer {
 public:
  JsonlWriter(std::shared_ptr<JsonlSink::Day> day, const Schema& schema, First first)
      : day_(std::move(day)), schema_(schema), first_(std::move(first)) {}

  ~JsonlWriter() override {
    if (!finished_) {
      const std::lock_guard lock(day_->mutex);
      day_->given_up = true;
    }
  }

  Status write(RecordBatch batch) override {
    text_.clear();
    DAYMILL_TRY(append_json_rows(text_, schema_, batch, first_));
    const std::lock_guard lock(day_->mutex);
    DAYMILL_TRY(add_sums(schema_, batch, day_->sums));
    day_->rows += batch.num_rows();
    return day_->file.write(text_);
  }

  Status finish() override {
    finished_ = true;
    return {};
  }

 private:
  std::shared_ptr<JsonlSink::Day> day_;
  Schema schema_;
  First first_;
  std::string text_;
  bool finished_ = false;
};

/// Conservation: the file holds what the load says.
Status verify(const JsonlSink::Day& day, const Load& load) {
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

}  // namespace

ConfigSpec JsonlSink::spec() {
  return ConfigSpec("Writes one file of JSON lines per day; replaces it as a whole")
      .add(text_field("path",
                      "File of the day; {date:%Y%m%d} becomes its date. Relative to the working "
                      "directory")
               .required()
               .example("\"out/analytics-{date:%Y%m%d}.jsonl\""))
      .add(text_field("partition_column", "Name of a first member that holds the day's date")
               .example("\"date\""))
      .add(boolean_field("create", "Make the folder of the file when it is missing")
               .defaults_to(false));
}

Result<std::unique_ptr<Sink>> JsonlSink::create(const Config& config, Host /*host*/) {
  const std::string path = config.text("path");
  DAYMILL_ASSIGN(const std::string one_day, expand_date(path, Partition{}));
  if (one_day == path) {
    return Status(Code::invalid_config, "jsonl: the path \"" + path +
                                            "\" has no {date:%Y%m%d}, so that every day would "
                                            "replace the file of the day before");
  }
  return std::unique_ptr<Sink>(new JsonlSink(config));
}

JsonlSink::JsonlSink(const Config& config)
    : path_(config.text("path")), create_folder_(config.boolean("create")) {
  if (config.has("partition_column")) {
    partition_column_ = config.text("partition_column");
  }
}

Status JsonlSink::bind(const Schema& rows, const std::string& /*pipeline*/) {
  for (const Field& field : rows.fields) {
    if (field.type == Type::binary) {
      return Status(Code::schema_mismatch,
                    "jsonl: column \"" + field.name + "\" is binary, which JSON cannot hold")
          .at(path_);
    }
  }
  if (partition_column_ && rows.index_of(*partition_column_)) {
    return Status(Code::schema_mismatch,
                  "jsonl: the rows have a column \"" + *partition_column_ + "\" already")
        .at(path_)
        .next("choose another partition_column or leave it out");
  }
  schema_ = rows;
  return {};
}

Result<Evidence> JsonlSink::receipts(const Partition& /*partition*/, bool /*settle*/) {
  return Evidence{};
}

Result<std::int64_t> JsonlSink::claim(const Partition& /*partition*/) {
  return std::int64_t{1};
}

Status JsonlSink::begin(const Attempt& attempt) {
  day_.reset();
  DAYMILL_ASSIGN(const std::filesystem::path path, expand_date(path_, attempt.partition));
  std::error_code error;
  if (create_folder_ && path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
  }
  if (std::filesystem::is_directory(path, error)) {
    return Status(Code::invalid_config, "jsonl: the path is a folder, expected a file")
        .at(path.string());
  }
  auto file = PartFile::create(path);
  if (!file.ok() && file.status().code() == Code::not_found) {
    return std::move(file).status().next("make the folder, or set \"create\": true");
  }
  DAYMILL_TRY(file);
  label_ = attempt.partition.label;
  day_ = std::make_shared<Day>(std::move(file).value());
  for (const std::size_t measure : schema_.with_role(Role::measure)) {
    day_->sums.push_back(Sum{schema_.fields[measure].name, 0});
  }
  return {};
}

Result<std::unique_ptr<Writer>> JsonlSink::open() {
  if (!day_) {
    return Status(Code::internal, "jsonl: open before begin");
  }
  First first;
  if (partition_column_) {
    first.emplace(*partition_column_, label_);
  }
  return std::unique_ptr<Writer>(std::make_unique<JsonlWriter>(day_, schema_, std::move(first)));
}

Status JsonlSink::reject(const std::vector<RejectRow>& /*rows*/) {
  return Status(Code::unsupported, "jsonl: this sink does not keep rejects").at(path_);
}

Status JsonlSink::commit(const Load& load, const std::vector<Receipt>& /*receipts*/) {
  if (!day_) {
    return Status(Code::internal, "jsonl: commit before begin");
  }
  const std::shared_ptr<Day> day = std::exchange(day_, nullptr);
  const std::lock_guard lock(day->mutex);
  Status verified = verify(*day, load);
  if (!verified.ok()) {
    return std::move(verified).at(day->file.path().string());
  }
  return day->file.publish();
}

void JsonlSink::abort() noexcept {
  day_.reset();
}

Status JsonlSink::mark_removed(const Partition& /*partition*/, const std::string& /*split*/,
                               std::int64_t /*generation*/) {
  return Status(Code::unsupported, "jsonl: this sink keeps no receipts").at(path_);
}

Result<std::string> JsonlSink::identity() {
  return "jsonl:" + std::filesystem::absolute(path_).lexically_normal().string();
}

}  // namespace daymill::jsonl
