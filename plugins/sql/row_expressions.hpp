// Expressions over one row, evaluated batch by batch where the columns lie.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <daymill/plugin.hpp>

#include "batch_table.hpp"
#include "database.hpp"

namespace daymill::sql {

struct Expression {
  std::string setting;  ///< where it stands, for messages: "`where`", "column \"ctr\""
  std::string sql;
  bool condition = false;  ///< asked for whether it is true: 1, and 0 where it is false or NULL
};

/// SQL of a setting that does not compile: the error with the text, the columns that there are, and
/// the one that was probably meant.
Status explain(const Status& error, const Expression& expression, const Schema& in);

/// One per lane, used by one thread at a time.
class RowExpressions {
 public:
  /// INVALID_CONFIG or SCHEMA_MISMATCH with the expression and what is wrong with it. `date` is
  /// what :date means.
  static Result<std::unique_ptr<RowExpressions>> compile(const Schema& in,
                                                         const std::vector<Expression>& expressions,
                                                         const std::string& date, Host host);

  /// Calls `value(row, statement)` for each row in order, with the expressions' results as the
  /// statement's columns, and `failed(row, message)` for rows whose expressions SQLite cannot
  /// compute. Both give a Status; an error ends it.
  template <typename OnValue, typename OnFailure>
  Status evaluate(const RecordBatch& batch, OnValue&& value, OnFailure&& failed) {
    for (std::int64_t first = 0; first < batch.num_rows();) {
      table_.show(batch, first);
      const Reset reset{statement_.get()};
      int result = SQLITE_ROW;
      while ((result = sqlite3_step(statement_.get())) == SQLITE_ROW) {
        DAYMILL_TRY(value(table_.current_row(), statement_.get()));
      }
      if (result == SQLITE_DONE) {
        return {};
      }
      if (!is_row_failure(result)) {
        return database_->failure(result);
      }
      DAYMILL_TRY(failed(table_.current_row(), database_->failure(result).message()));
      first = table_.current_row() + 1;  // the scan begins again behind that row
    }
    return {};
  }

 private:
  struct Reset {
    sqlite3_stmt* statement;
    ~Reset() { sqlite3_reset(statement); }
  };
  explicit RowExpressions(const Schema& in) : table_(in) {}

  BatchTable table_;  // outlives the connection
  std::unique_ptr<Database> database_;
  Statement statement_;
};

}  // namespace daymill::sql
