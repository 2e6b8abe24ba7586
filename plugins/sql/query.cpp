#include "query.hpp"

#include <algorithm>
#include <utility>

#include <daymill/column_lookup.hpp>
#include <daymill/declared_columns.hpp>

#include "collected_rows.hpp"
#include "row_expressions.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

class QueryLane final : public Lane {
 public:
  QueryLane(Schema out, std::vector<int> positions, std::unique_ptr<CollectedRows> rows,
            Statement statement)
      : out_(std::move(out)),
        positions_(std::move(positions)),
        rows_(std::move(rows)),
        statement_(std::move(statement)) {}

  Status process(RecordBatch in, Emitter& /*out*/) override { return rows_->add(in); }
  Status finish(Emitter& out) override {
    DAYMILL_TRY(rows_->sort());
    return emit_rows(rows_->database(), statement_, out_, positions_, "sql", out);
  }

 private:
  Schema out_;
  std::vector<int> positions_;
  std::unique_ptr<CollectedRows> rows_;
  Statement statement_;
};

/// Where the declared columns are in the query's result, which has to have just those.
Result<std::vector<int>> match_columns(sqlite3_stmt* statement, const Schema& declared) {
  std::vector<std::string> found;
  std::string list;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const char* name = sqlite3_column_name(statement, i);
    found.emplace_back(name == nullptr ? "" : name);
    list += (list.empty() ? "" : ", ") + printable(found.back());
  }
  std::vector<int> positions;
  for (const Field& field : declared.fields) {
    const auto at = std::find(found.begin(), found.end(), field.name);
    if (at == found.end()) {
      return Status(Code::schema_mismatch, "sql: `columns` declares \"" + printable(field.name) +
                                               "\", and the query gives " + list)
          .next("name it in the query: expression AS \"" + printable(field.name) + "\"");
    }
    positions.push_back(static_cast<int>(at - found.begin()));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::find(positions.begin(), positions.end(), static_cast<int>(i)) == positions.end()) {
      return Status(Code::schema_mismatch, "sql: the query gives the column \"" +
                                               printable(found[i]) +
                                               "\", which `columns` does not declare");
    }
  }
  return positions;
}

Result<Statement> compile(CollectedRows& rows, const std::string& query, const Schema& in,
                          const std::string& date) {
  const auto compiled = [&]() -> Result<Statement> {
    DAYMILL_TRY(check_timeless(query));
    return rows.database().compile(query, SqlKind::query, date);
  };
  auto statement = compiled();
  if (!statement.ok()) {
    return explain(statement.status(), Expression{"sql: `query`", query}, in);
  }
  return statement;
}

}  // namespace

ConfigSpec Query::spec() {
  return declare_columns(
      ConfigSpec("Makes other rows of all rows of the day by one SELECT")
          .add(
              text_field("query", "One SELECT over the table rows; :date is the day's date as text")
                  .required()
                  .example(R"("SELECT ad_id, search_word, clicks FROM rows WHERE clicks > 0")")));
}

Result<std::unique_ptr<Transform>> Query::create(const Config& config, Host host) {
  auto out = declared_schema(config);
  if (!out.ok()) {
    return Status(out.status().code(), "sql: " + out.status().message());
  }
  return std::unique_ptr<Transform>(new Query(config.text("query"), std::move(out).value(), host));
}

Result<Schema> Query::bind(const Schema& in) {
  DAYMILL_ASSIGN(const std::unique_ptr<CollectedRows> rows, CollectedRows::open(in, host_));
  DAYMILL_ASSIGN(const Statement statement, compile(*rows, query_, in, ""));
  DAYMILL_ASSIGN(positions_, match_columns(statement.get(), out_));
  in_ = in;
  return out_;
}

Result<std::unique_ptr<Lane>> Query::open(const Partition& partition) {
  DAYMILL_ASSIGN(std::unique_ptr<CollectedRows> rows, CollectedRows::open(in_, host_));
  DAYMILL_ASSIGN(Statement statement, compile(*rows, query_, in_, partition.label));
  return std::unique_ptr<Lane>(
      std::make_unique<QueryLane>(out_, positions_, std::move(rows), std::move(statement)));
}

}  // namespace daymill::sql
