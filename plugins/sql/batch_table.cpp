#include "batch_table.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "sql_text.hpp"
#include "sql_value.hpp"

namespace daymill::sql {
namespace {

const char* declared_type(Type type) {
  switch (type) {
    case Type::boolean:
    case Type::int64:
      return "INTEGER";
    case Type::float64:
      return "REAL";
    case Type::text:
    case Type::date:
    case Type::timestamp:
      return "TEXT";
    case Type::binary:
      return "BLOB";
  }
  return "BLOB";
}

void give_text(sqlite3_context* context, std::string_view text, void (*lifetime)(void*)) {
  sqlite3_result_text64(context, text.empty() ? "" : text.data(), text.size(), lifetime,
                        SQLITE_UTF8);
}

void give(sqlite3_context* context, Type type, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    sqlite3_result_null(context);
    return;
  }
  switch (type) {
    case Type::boolean:
      sqlite3_result_int(context, column.boolean(row) ? 1 : 0);
      break;
    case Type::int64:
      sqlite3_result_int64(context, column.int64s()[row]);
      break;
    case Type::float64:
      sqlite3_result_double(context, column.float64s()[row]);
      break;
    case Type::text:
      give_text(context, column.bytes_at(row), SQLITE_STATIC);
      break;
    case Type::date:
      give_text(context, date_text(column.dates()[row]), SQLITE_TRANSIENT);
      break;
    case Type::timestamp:
      give_text(context, sql_timestamp(column.int64s()[row]), SQLITE_TRANSIENT);
      break;
    case Type::binary: {
      const std::string_view bytes = column.bytes_at(row);
      sqlite3_result_blob64(context, bytes.empty() ? "" : bytes.data(), bytes.size(),
                            SQLITE_STATIC);
      break;
    }
  }
}

}  // namespace

Result<std::string> column_list(const Schema& schema) {
  std::string list;
  std::set<std::string> seen;
  for (const Field& field : schema.fields) {
    std::string name = field.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!seen.insert(name).second) {
      return Status(Code::schema_mismatch,
                    "the rows have two columns called \"" + printable(field.name) +
                        "\" for SQL, which does not tell upper case from lower case")
          .next("rename one of them by `select` before");
    }
    if (field.name.find('\0') != std::string::npos) {
      return Status(Code::schema_mismatch,
                    "the column \"" + printable(field.name) + "\" has a NUL in its name");
    }
    list += (list.empty() ? "" : ", ") + quote_name(field.name) + " " + declared_type(field.type);
  }
  if (list.empty()) {
    return Status(Code::schema_mismatch, "the rows have no columns");
  }
  return list;
}

/// SQLite's side of it: a virtual table that cannot be created, only read.
struct BatchTable::Functions {
  struct Table : sqlite3_vtab {
    BatchTable* owner;
  };
  struct Cursor : sqlite3_vtab_cursor {
    BatchTable* owner;
  };
  static BatchTable& owner_of(sqlite3_vtab_cursor* cursor) {
    return *static_cast<Cursor*>(cursor)->owner;
  }

  static int connect(sqlite3* handle, void* owner, int /*argc*/, const char* const* /*argv*/,
                     sqlite3_vtab** out, char** /*error*/) {
    auto* table = new Table{};
    table->owner = static_cast<BatchTable*>(owner);
    const int result = sqlite3_declare_vtab(handle, table->owner->declaration_.c_str());
    if (result != SQLITE_OK) {
      delete table;
      return result;
    }
    *out = table;
    return SQLITE_OK;
  }
  static int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
  }
  static int best_index(sqlite3_vtab* /*table*/, sqlite3_index_info* info) {
    info->estimatedCost = 1e4;
    info->estimatedRows = 10'000;
    return SQLITE_OK;
  }
  static int open(sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
    auto* cursor = new Cursor{};
    cursor->owner = static_cast<Table*>(table)->owner;
    *out = cursor;
    return SQLITE_OK;
  }
  static int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
  }
  static int filter(sqlite3_vtab_cursor* cursor, int /*index*/, const char* /*name*/, int /*argc*/,
                    sqlite3_value** /*argv*/) {
    owner_of(cursor).row_ = owner_of(cursor).first_;
    return SQLITE_OK;
  }
  static int next(sqlite3_vtab_cursor* cursor) {
    ++owner_of(cursor).row_;
    return SQLITE_OK;
  }
  static int eof(sqlite3_vtab_cursor* cursor) {
    const BatchTable& owner = owner_of(cursor);
    return owner.row_ >= owner.num_rows_ ? 1 : 0;
  }
  static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) {
    const BatchTable& owner = owner_of(cursor);
    const auto i = static_cast<std::size_t>(index);
    give(context, owner.schema_.fields[i].type, *owner.columns_[i], owner.row_);
    return SQLITE_OK;
  }
  static int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
    *out = owner_of(cursor).row_;
    return SQLITE_OK;
  }

  static const sqlite3_module* module() {
    static const sqlite3_module kModule = [] {
      sqlite3_module made{};
      made.iVersion = 1;
      made.xConnect = connect;
      made.xDisconnect = disconnect;
      made.xBestIndex = best_index;
      made.xOpen = open;
      made.xClose = close;
      made.xFilter = filter;
      made.xNext = next;
      made.xEof = eof;
      made.xColumn = column;
      made.xRowid = rowid;
      return made;
    }();
    return &kModule;
  }
};

Status BatchTable::attach(sqlite3* handle, const char* name) {
  DAYMILL_ASSIGN(const std::string columns, column_list(schema_));
  declaration_ = "CREATE TABLE x(" + columns + ")";
  int result = sqlite3_create_module_v2(handle, name, Functions::module(), this, nullptr);
  if (result == SQLITE_OK) {
    // The first use declares the table, which no setting's SQL may do.
    const std::string first = "SELECT 1 FROM " + quote_name(name);
    sqlite3_stmt* statement = nullptr;
    result = sqlite3_prepare_v2(handle, first.c_str(), -1, &statement, nullptr);
    sqlite3_finalize(statement);
  }
  return result == SQLITE_OK
             ? Status()
             : Status(Code::internal, "SQLite: " + std::string(sqlite3_errmsg(handle)));
}

void BatchTable::show(const RecordBatch& batch, std::int64_t first) {
  columns_.clear();
  for (std::size_t i = 0; i < batch.num_columns(); ++i) {
    columns_.push_back(&batch.column(i));
  }
  num_rows_ = batch.num_rows();
  first_ = row_ = first;
}

}  // namespace daymill::sql
