#include "row_expressions.hpp"

#include <daymill/column_lookup.hpp>

#include "sql_text.hpp"

namespace daymill::sql {
namespace {

/// "no such column: rows.klicks" to "klicks"; empty for other messages.
std::string missing_column(const std::string& message) {
  static const std::string kBegin = "no such column: ";
  if (message.compare(0, kBegin.size(), kBegin) != 0) {
    return {};
  }
  const std::string name = message.substr(kBegin.size());
  return name.substr(name.rfind('.') + 1);
}

/// By itself, where SQLite takes neither sums over rows nor windows.
Status check_alone(Database& database, const Expression& expression) {
  DAYMILL_TRY(check_expression(expression.sql));
  DAYMILL_TRY(check_timeless(expression.sql));
  return detail::status_of(database.compile("SELECT 1 FROM rows WHERE (" + expression.sql + "\n)",
                                            SqlKind::expression, ""));
}

}  // namespace

Status explain(const Status& error, const Expression& expression, const Schema& in) {
  const std::string missing = missing_column(error.message());
  return Status(error.code(), expression.setting + ": " + error.message() +
                                  ", in: " + excerpt(expression.sql) + " (the rows have " +
                                  column_names(in) + ")")
      .at(error.where())
      .next(missing.empty() ? error.next() : did_you_mean(in, missing));
}

Result<std::unique_ptr<RowExpressions>> RowExpressions::compile(
    const Schema& in, const std::vector<Expression>& expressions, const std::string& date,
    Host host) {
  std::unique_ptr<RowExpressions> compiled(new RowExpressions(in));
  DAYMILL_ASSIGN(compiled->database_, Database::open(Database::Storage::memory, host));
  DAYMILL_TRY(compiled->table_.attach(compiled->database_->get(), "rows"));
  std::string all;
  for (const Expression& expression : expressions) {
    if (const Status alone = check_alone(*compiled->database_, expression); !alone.ok()) {
      return explain(alone, expression, in);
    }
    all += (all.empty() ? "SELECT (" : ", (") + expression.sql + "\n)" +
           (expression.condition ? " IS TRUE" : "");
  }
  DAYMILL_ASSIGN(compiled->statement_,
                 compiled->database_->compile(all + " FROM rows", SqlKind::expression, date));
  return compiled;
}

}  // namespace daymill::sql
