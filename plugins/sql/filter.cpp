#include "filter.hpp"

#include <utility>

#include <daymill/kept_rows.hpp>

#include "row_expressions.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

class FilterLane final : public Lane {
 public:
  FilterLane(Schema schema, std::unique_ptr<RowExpressions> where)
      : schema_(std::move(schema)), where_(std::move(where)) {}

  Status process(RecordBatch in, Emitter& out) override {
    KeptRows kept(in.num_rows());
    DAYMILL_TRY(where_->evaluate(
        in,
        [&](std::int64_t row, sqlite3_stmt* statement) -> Status {
          if (sqlite3_column_int(statement, 0) == 0) {
            kept.drop(row);
          }
          return {};
        },
        [&](std::int64_t row, const std::string& message) {
          kept.drop(row);
          return out.reject({row, "filter.failed", message});
        }));
    return kept.emit(schema_, std::move(in), out);
  }

 private:
  Schema schema_;
  std::unique_ptr<RowExpressions> where_;
};

std::vector<Expression> expressions_of(const std::string& where) {
  return {Expression{"filter: `where`", where, true}};
}

}  // namespace

ConfigSpec Filter::spec() {
  return ConfigSpec("Keeps the rows for which an SQL expression is true")
      .add(text_field("where",
                      "SQL expression over the columns of a row; rows for which it is "
                      "false or NULL are filtered")
               .required()
               .example(R"("clicks > 0 AND search_word <> ''")"));
}

Result<std::unique_ptr<Transform>> Filter::create(const Config& config, Host host) {
  const std::string where = config.text("where");
  if (const Status status = check_expression(where); !status.ok()) {
    return Status(status.code(), "filter: `where`: " + status.message());
  }
  return std::unique_ptr<Transform>(new Filter(where, host));
}

Result<Schema> Filter::bind(const Schema& in) {
  DAYMILL_TRY(RowExpressions::compile(in, expressions_of(where_), "", host_));
  schema_ = in;
  return in;
}

Result<std::unique_ptr<Lane>> Filter::open(const Partition& partition) {
  DAYMILL_ASSIGN(auto where,
                 RowExpressions::compile(schema_, expressions_of(where_), partition.label, host_));
  return std::unique_ptr<Lane>(std::make_unique<FilterLane>(schema_, std::move(where)));
}

}  // namespace daymill::sql
