#include "derive.hpp"

#include <utility>

#include <daymill/kept_rows.hpp>

#include "row_expressions.hpp"
#include "sql_text.hpp"
#include "sql_value.hpp"

namespace daymill::sql {
namespace {

class DeriveLane final : public Lane {
 public:
  DeriveLane(Schema out, const std::vector<DerivedColumn>& columns,
             std::unique_ptr<RowExpressions> expressions)
      : out_schema_(std::move(out)), columns_(columns), expressions_(std::move(expressions)) {}

  Status process(RecordBatch in, Emitter& out) override {
    const std::int64_t rows = in.num_rows();
    KeptRows kept(rows);
    std::vector<ColumnBuilder> derived;
    for (const DerivedColumn& column : columns_) {
      derived.emplace_back(column.type);
    }
    DAYMILL_TRY(expressions_->evaluate(
        in,
        [&](std::int64_t row, sqlite3_stmt* statement) {
          return append_row(row, statement, derived, kept, out);
        },
        [&](std::int64_t row, const std::string& message) {
          kept.drop(row);
          for (ColumnBuilder& column : derived) {
            column.append_null();
          }
          return out.reject({row, "derive.failed", message});
        }));
    std::vector<Column> columns = in.release_columns();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      Column made = derived[i].finish();
      const std::size_t at = *out_schema_.index_of(columns_[i].name);
      if (at < columns.size()) {
        columns[at] = std::move(made);
      } else {
        columns.push_back(std::move(made));
      }
    }
    return kept.emit(out_schema_, RecordBatch(rows, std::move(columns)), out);
  }

 private:
  Status append_row(std::int64_t row, sqlite3_stmt* statement, std::vector<ColumnBuilder>& derived,
                    KeptRows& kept, Emitter& out) {
    for (std::size_t i = 0; i < derived.size(); ++i) {
      const int index = static_cast<int>(i);
      const auto mismatch = append_value(statement, index, derived[i]);
      if (!mismatch) {
        continue;
      }
      derived[i].append_null();
      if (kept.keeps(row)) {
        kept.drop(row);
        const std::string message = "column \"" + printable(columns_[i].name) + "\": found " +
                                    found_value(statement, index) + ", expected " +
                                    mismatch->expected;
        DAYMILL_TRY(out.reject({row, mismatch->reason, message}));
      }
    }
    return {};
  }

  Schema out_schema_;
  const std::vector<DerivedColumn>& columns_;  // the transform's, which outlives its lanes
  std::unique_ptr<RowExpressions> expressions_;
};

std::vector<Expression> expressions_of(const std::vector<DerivedColumn>& columns) {
  std::vector<Expression> expressions;
  for (const DerivedColumn& column : columns) {
    expressions.push_back({"derive: `columns`: \"" + printable(column.name) + "\"", column.sql});
  }
  return expressions;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  return text;
}

Result<DerivedColumn> parse_column(const std::string& name, std::string_view value) {
  const std::size_t equals = value.find('=');
  if (name.empty() || equals == std::string_view::npos) {
    return Status(Code::invalid_config, "derive: column \"" + printable(name) + "\" is \"" +
                                            printable(value) +
                                            R"(", expected a name and a type with an expression, )"
                                            R"(as "float64 = clicks * 1.0 / impressions")");
  }
  const auto type = declared_type_of(trimmed(value.substr(0, equals)), name);
  if (!type.ok()) {
    return Status(type.status().code(), "derive: " + type.status().message());
  }
  DerivedColumn column{name, *type, std::string(trimmed(value.substr(equals + 1)))};
  if (const Status status = check_expression(column.sql); !status.ok()) {
    return Status(status.code(), "derive: column \"" + printable(name) + "\": " + status.message());
  }
  return column;
}

}  // namespace

ConfigSpec Derive::spec() {
  return ConfigSpec("Adds or replaces columns by SQL expressions")
      .add(
          text_map_field("columns",
                         "Column name to type and SQL expression over the columns of a row: int64, "
                         "float64, text, bool, date or timestamp, then =, then the expression")
              .required()
              .example(R"js({"clicked": "bool = clicks > 0", )js"
                       R"js("word": "text = lower(search_word)"})js"));
}

Result<std::unique_ptr<Transform>> Derive::create(const Config& config, Host host) {
  std::vector<DerivedColumn> columns;
  for (const auto& [name, value] : config.map("columns")) {
    DAYMILL_ASSIGN(DerivedColumn column, parse_column(name, value));
    columns.push_back(std::move(column));
  }
  if (columns.empty()) {
    return Status(Code::invalid_config, "derive: `columns` is empty, expected at least one column");
  }
  return std::unique_ptr<Transform>(new Derive(std::move(columns), host));
}

Result<Schema> Derive::bind(const Schema& in) {
  Schema out = in;
  for (const DerivedColumn& column : columns_) {
    const Field field{column.name, column.type, Role::attribute, true};
    const auto index = in.index_of(column.name);
    if (!index) {
      out.fields.push_back(field);
      continue;
    }
    if (in.fields[*index].role == Role::key) {
      return Status(Code::schema_mismatch,
                    "derive: column \"" + printable(column.name) +
                        "\" is a key; with other values rows might no longer be different")
          .next("give the new column another name, and `aggregate` by it");
    }
    out.fields[*index] = field;
  }
  DAYMILL_TRY(RowExpressions::compile(in, expressions_of(columns_), "", host_));
  in_ = in;
  out_ = out;
  return out;
}

Result<std::unique_ptr<Lane>> Derive::open(const Partition& partition) {
  DAYMILL_ASSIGN(auto expressions,
                 RowExpressions::compile(in_, expressions_of(columns_), partition.label, host_));
  return std::unique_ptr<Lane>(
      std::make_unique<DeriveLane>(out_, columns_, std::move(expressions)));
}

}  // namespace daymill::sql
