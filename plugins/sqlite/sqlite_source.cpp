#include "sqlite_source.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <daymill/declared_columns.hpp>
#include <daymill/row_decoder.hpp>

#include "connection.hpp"

namespace daymill::sqlite {
namespace {

constexpr const char* kSplit = "query";

/// A query that was found to be one that only reads, has :date, and gives the declared columns.
struct Query {
  Statement statement;
  int date_parameter = 0;
  std::vector<int> column_of;  // declared column to result column
};

Status refuse(const Connection& connection, std::string message) {
  return Status(Code::invalid_config, "query: " + std::move(message)).at(connection.where());
}

Status find_columns(Query& query, const Schema& typed, const Connection& connection, Host host) {
  const int count = sqlite3_column_count(query.statement.get());
  query.column_of.assign(typed.size(), -1);
  for (int i = 0; i < count; ++i) {
    const char* name = sqlite3_column_name(query.statement.get(), i);
    const auto column = typed.index_of(name == nullptr ? "" : name);
    if (!column) {
      host.warn(connection.where() + ": the query's column \"" +
                printable(name == nullptr ? "" : name) + "\" is not declared and is ignored");
    } else if (query.column_of[*column] >= 0) {
      return refuse(connection, std::string("gives the column \"") + name + "\" twice");
    } else {
      query.column_of[*column] = i;
    }
  }
  for (std::size_t column = 0; column < typed.size(); ++column) {
    if (query.column_of[column] < 0) {
      return Status(Code::schema_mismatch, "the query does not give the declared column \"" +
                                               typed.fields[column].name + "\"")
          .at(connection.where());
    }
  }
  return {};
}

Result<Query> prepare_query(Connection& connection, const std::string& sql, const Schema& typed,
                            Host host) {
  Query query;
  std::size_t tail = 0;
  auto prepared = connection.prepare(sql, &tail);
  if (!prepared.ok() && prepared.status().code() == Code::internal) {
    return refuse(connection, prepared.status().message());  // a syntax error
  }
  DAYMILL_TRY(prepared);
  query.statement = std::move(prepared).value();
  sqlite3_stmt* statement = query.statement.get();
  if (statement == nullptr || sql.find_first_not_of(" \t\r\n;", tail) != std::string::npos) {
    return refuse(connection, "expected exactly one statement");
  }
  if (sqlite3_stmt_readonly(statement) == 0 || sqlite3_column_count(statement) == 0) {
    return refuse(connection, "expected a SELECT, which changes nothing");
  }
  query.date_parameter = sqlite3_bind_parameter_index(statement, ":date");
  if (query.date_parameter == 0 || sqlite3_bind_parameter_count(statement) != 1) {
    return refuse(connection,
                  "expected :date as its one parameter, so that each day reads its own rows");
  }
  DAYMILL_TRY(find_columns(query, typed, connection, host));
  return query;
}

class QueryReader final : public Reader {
 public:
  QueryReader(std::unique_ptr<Connection> connection, Transaction transaction, Query query,
              Host host)
      : connection_(std::move(connection)),
        transaction_(std::move(transaction)),
        query_(std::move(query)),
        host_(host) {}

  Result<ReadState> read(BatchBuilder& out) override {
    if (host_.stop_requested()) {
      return Status(Code::cancelled, "stopped while reading").at(connection_->where());
    }
    while (!out.is_full()) {
      DAYMILL_ASSIGN(const bool row, query_.statement.step());
      if (!row) {
        query_.statement = Statement();
        transaction_.reset();  // gives the read lock back: the engine may keep the reader for long
        return ReadState::end;
      }
      append(out);
    }
    return ReadState::more;
  }

 private:
  void append(BatchBuilder& out) {
    sqlite3_stmt* row = query_.statement.get();
    const std::size_t columns = query_.column_of.size();
    for (std::size_t i = 0; i < columns; ++i) {
      append_value(out.column(i), row, query_.column_of[i]);
    }
    out.column(columns).append_int64(++rows_);
    out.end_row();
  }
  /// The bytes of the value's text; of a REAL the shortest that reads back, never an integer's.
  static void append_value(ColumnBuilder& column, sqlite3_stmt* row, int index) {
    switch (sqlite3_column_type(row, index)) {
      case SQLITE_NULL:
        column.append_null();
        break;
      case SQLITE_FLOAT: {
        std::string text = float64_text(sqlite3_column_double(row, index));
        text += text.find_first_not_of("-0123456789") == std::string::npos ? ".0" : "";
        column.append_bytes(text);
        break;
      }
      case SQLITE_BLOB: {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, index));
        column.append_bytes({bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, index))});
        break;
      }
      default: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, index));
        column.append_bytes({text, static_cast<std::size_t>(sqlite3_column_bytes(row, index))});
        break;
      }
    }
  }

  std::unique_ptr<Connection> connection_;
  std::optional<Transaction> transaction_;
  Query query_;
  Host host_;
  std::int64_t rows_ = 0;
};

/// Raw rows (raw_schema) to typed rows and rejections.
class QueryLane final : public Lane {
 public:
  explicit QueryLane(const Schema& typed) : rows_(typed) {}

  Status process(RecordBatch in, Emitter& out) override {
    const std::size_t columns = rows_.schema().size();
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      rows_.begin(row, "row", in.column(columns).int64s()[row]);
      for (std::size_t i = 0; i < columns; ++i) {
        if (!in.column(i).is_null(row)) {
          set(i, in.column(i).bytes_at(row));
        }
      }
      DAYMILL_TRY(rows_.end(out));
    }
    return rows_.flush(out);
  }

 private:
  /// SQLite has no boolean: 1 and 0 stand for true and false.
  void set(std::size_t column, std::string_view text) {
    const bool is_boolean = rows_.schema().fields[column].type == Type::boolean;
    if (is_boolean && (text == "1" || text == "0")) {
      rows_.set_boolean(column, text == "1");
    } else {
      rows_.set_text(column, text);
    }
  }

  RowDecoder rows_;
};

}  // namespace

ConfigSpec SqliteSource::spec() {
  return declare_columns(
      ConfigSpec("Reads the result of a query of an SQLite database")
          .add(text_field("database", "Database file, relative to the working directory")
                   .required()
                   .operational()
                   .example("\"shop.db\""))
          .add(text_field("query", "One SELECT; :date is the partition's date as text")
                   .required()
                   .example("\"SELECT ad_id, word, clicks FROM counts WHERE day = :date\""))
          .add(integer_field("busy_timeout_ms", "How long to wait for another program's lock")
                   .defaults_to(1000)
                   .between(0, 60000)
                   .operational()));
}

Result<std::unique_ptr<Source>> SqliteSource::create(const Config& config, Host host) {
  DAYMILL_ASSIGN(Schema typed, declared_schema(config));
  for (const std::size_t key : typed.with_role(Role::key)) {
    if (typed.fields[key].type == Type::boolean) {
      return Status(Code::invalid_config, "keys names \"" + typed.fields[key].name +
                                              "\" of type bool, of which SQLite has several "
                                              "spellings; declare it as int64");
    }
  }
  return std::unique_ptr<Source>(new SqliteSource(config, std::move(typed), host));
}

SqliteSource::SqliteSource(const Config& config, Schema typed, Host host)
    : path_(config.text("database")),
      query_(config.text("query")),
      busy_ms_(static_cast<int>(config.integer("busy_timeout_ms"))),
      typed_(std::move(typed)),
      host_(host) {}

Result<Schema> SqliteSource::raw_schema() {
  Schema raw;
  for (const Field& field : typed_.fields) {
    const Role role = field.role == Role::key ? Role::key : Role::attribute;
    raw.fields.push_back(Field{field.name, Type::binary, role, true});
  }
  raw.fields.push_back(Field{"#row", Type::int64, Role::attribute, false});
  return raw;
}

Result<std::vector<Split>> SqliteSource::plan(const Partition& /*partition*/) {
  std::error_code error;
  Split split;
  split.id = kSplit;
  split.location = "sqlite " + path_;
  split.present = std::filesystem::is_regular_file(path_, error);
  return std::vector<Split>{std::move(split)};
}

Result<std::unique_ptr<Reader>> SqliteSource::open(const Partition& partition,
                                                   const Split& /*split*/) {
  DAYMILL_ASSIGN(auto connection,
                 Connection::open(path_, Connection::Mode::read_only, busy_ms_, host_));
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(*connection, Transaction::Kind::read));
  DAYMILL_ASSIGN(Query query, prepare_query(*connection, query_, typed_, host_));
  query.statement.bind_copied_text(query.date_parameter, partition.label);
  return std::unique_ptr<Reader>(std::make_unique<QueryReader>(
      std::move(connection), std::move(transaction), std::move(query), host_));
}

Result<std::unique_ptr<Lane>> SqliteSource::decoder(const Partition& /*partition*/,
                                                    std::string_view /*split_id*/) {
  return std::unique_ptr<Lane>(std::make_unique<QueryLane>(typed_));
}

Result<std::vector<std::string>> SqliteSource::check() {
  DAYMILL_ASSIGN(const auto connection,
                 Connection::open(path_, Connection::Mode::read_only, busy_ms_, host_));
  DAYMILL_TRY(prepare_query(*connection, query_, typed_, host_));
  return std::vector<std::string>{"sqlite: the query gives the declared columns"};
}

}  // namespace daymill::sqlite
