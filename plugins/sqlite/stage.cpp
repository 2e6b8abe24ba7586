#include "stage.hpp"

#include <algorithm>
#include <utility>

#include "daymill/failpoint.hpp"
#include "target.hpp"

namespace daymill::sqlite {
namespace {

void bind_value(Statement& insert, int index, Type type, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    insert.bind_null(index);
    return;
  }
  switch (type) {
    case Type::boolean:
      insert.bind(index, column.boolean(row) ? 1 : 0);
      break;
    case Type::int64:
      insert.bind(index, column.int64s()[row]);
      break;
    case Type::float64:
      insert.bind_double(index, column.float64s()[row]);
      break;
    case Type::text:
      insert.bind_text(index, column.bytes_at(row));
      break;
    case Type::binary:
      insert.bind_blob(index, column.bytes_at(row));
      break;
    case Type::date:
      insert.bind_copied_text(index, date_text(column.dates()[row]));
      break;
    case Type::timestamp:
      insert.bind_copied_text(index, timestamp_text(column.int64s()[row]));
      break;
  }
}

}  // namespace

class Stage::TableWriter final : public Writer {
 public:
  TableWriter(std::shared_ptr<Stage> stage, std::string table, Statement insert)
      : stage_(std::move(stage)), table_(std::move(table)), insert_(std::move(insert)) {}

  ~TableWriter() override {
    const std::lock_guard lock(stage_->mutex_);
    insert_ = Statement();
    if (!finished_ && !stage_->dropped_) {
      stage_->drop_table(table_);
    }
  }

  Status write(RecordBatch batch) override {
    if (stage_->host_.stop_requested()) {
      return Status(Code::cancelled, "stopped while writing").at(stage_->connection_->where());
    }
    DAYMILL_FAILPOINT("file.stage_write");
    const std::lock_guard lock(stage_->mutex_);
    return stage_->write_batch(insert_, batch);
  }

  Status finish() override {
    const std::lock_guard lock(stage_->mutex_);
    finished_ = true;
    stage_->finished_.push_back(table_);
    return {};
  }

 private:
  std::shared_ptr<Stage> stage_;
  std::string table_;
  Statement insert_;
  bool finished_ = false;
};

Result<std::shared_ptr<Stage>> Stage::create(std::shared_ptr<Connection> connection, Schema rows,
                                             Host host) {
  std::shared_ptr<Stage> stage(new Stage(std::move(connection), std::move(rows), host));
  DAYMILL_FAILPOINT("file.stage_create");
  DAYMILL_TRY(stage->connection_->execute(
      std::string("CREATE TABLE temp.") + reject_table() +
      " (split TEXT, generation INTEGER, raw BLOB, reason TEXT, message TEXT)"));
  stage->tables_.emplace_back(reject_table());
  return stage;
}

Stage::~Stage() {
  drop();
}

Result<std::unique_ptr<Writer>> Stage::open_writer() {
  const std::lock_guard lock(mutex_);
  const std::string table = "daymill_stage_" + std::to_string(++next_number_);
  std::string columns;
  std::string parameters;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    columns += (i == 0 ? "c" : ", c") + std::to_string(i) + " " + sqlite_type(rows_.fields[i].type);
    parameters += i == 0 ? "?" : ", ?";
  }
  DAYMILL_TRY(connection_->execute("CREATE TABLE temp." + table + " (" + columns + ")"));
  tables_.push_back(table);
  DAYMILL_ASSIGN(Statement insert, connection_->prepare("INSERT INTO temp." + table + " VALUES (" +
                                                        parameters + ")"));
  return std::unique_ptr<Writer>(
      std::make_unique<TableWriter>(shared_from_this(), table, std::move(insert)));
}

Status Stage::write_batch(Statement& insert, const RecordBatch& batch) {
  if (dropped_) {
    return Status(Code::internal, "sqlite: the attempt was given up");
  }
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, Transaction::Kind::read));
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      bind_value(insert, static_cast<int>(i) + 1, rows_.fields[i].type, batch.column(i), row);
    }
    DAYMILL_TRY(insert.run());
  }
  return transaction.commit();
}

Status Stage::add_rejects(const std::vector<RejectRow>& rows) {
  const std::lock_guard lock(mutex_);
  DAYMILL_ASSIGN(Transaction transaction,
                 Transaction::begin(*connection_, Transaction::Kind::read));
  DAYMILL_ASSIGN(Statement insert,
                 connection_->prepare(std::string("INSERT INTO temp.") + reject_table() +
                                      " VALUES (?1, ?2, ?3, ?4, ?5)"));
  for (const RejectRow& row : rows) {
    DAYMILL_TRY(insert.bind_text(1, row.split)
                    .bind(2, row.generation)
                    .bind_blob(3, row.raw)
                    .bind_text(4, row.reason)
                    .bind_text(5, row.message)
                    .run());
  }
  return transaction.commit();
}

std::vector<std::string> Stage::finished_tables() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

void Stage::drop_table(const std::string& table) {
  connection_->execute("DROP TABLE IF EXISTS temp." + table)
      .ignore("a temporary table vanishes with the connection");
  std::erase(tables_, table);
}

void Stage::drop() {
  const std::lock_guard lock(mutex_);
  if (dropped_) {
    return;
  }
  dropped_ = true;
  finished_.clear();
  for (const std::string& table : std::vector<std::string>(tables_)) {
    drop_table(table);
  }
}

}  // namespace daymill::sqlite
