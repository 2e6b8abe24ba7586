#include "aggregate.hpp"

#include <set>
#include <utility>

#include <daymill/column_lookup.hpp>

#include "keyed_lane.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

constexpr const char* kExactSum = "daymill_sum";

/// A sum of int64 that is exact whatever the order of its values: SQLite's own fails when a sum in
/// between leaves int64. In memory that SQLite sets to zeros.
struct ExactSum {
  std::uint64_t low;  // a 128-bit number in two words, as SQLite aligns to 8 bytes
  std::int64_t high;
  bool any;

  void add(std::int64_t value) {
    any = true;
    const auto bits = static_cast<std::uint64_t>(value);
    high += (value < 0 ? -1 : 0) + (__builtin_add_overflow(low, bits, &low) ? 1 : 0);
  }
  [[nodiscard]] bool fits_int64() const {
    return high == (static_cast<std::int64_t>(low) < 0 ? -1 : 0);
  }
};

void add_to_sum(sqlite3_context* context, int /*argc*/, sqlite3_value** argv) {
  auto* sum = static_cast<ExactSum*>(sqlite3_aggregate_context(context, sizeof(ExactSum)));
  if (sum == nullptr) {
    sqlite3_result_error_nomem(context);
  } else if (sqlite3_value_type(argv[0]) != SQLITE_NULL) {
    sum->add(sqlite3_value_int64(argv[0]));
  }
}

void give_sum(sqlite3_context* context) {
  const auto* sum = static_cast<const ExactSum*>(sqlite3_aggregate_context(context, 0));
  if (sum == nullptr || !sum->any) {
    sqlite3_result_null(context);
  } else if (sum->fits_int64()) {
    sqlite3_result_int64(context, static_cast<std::int64_t>(sum->low));
  } else {
    sqlite3_result_error(context, "a sum leaves int64", -1);
  }
}

Status refuse(const std::string& problem) {
  return Status(Code::schema_mismatch, "aggregate: " + problem);
}

Status check_names(const Schema& out) {
  std::set<std::string> names;
  for (const Field& field : out.fields) {
    if (field.name.empty() || !names.insert(field.name).second) {
      return Status(Code::invalid_config, "aggregate: the result has two columns called \"" +
                                              printable(field.name) + "\"")
          .next(R"(give one of them another name: "clicks as most_clicks")");
    }
  }
  return {};
}

/// Conservation goes by name: a measure's name must not come to mean another sum.
Status check_sum_name(const AggregatedColumn& column, const Schema& in) {
  const auto other = in.index_of(column.name);
  if (column.name != column.column && other && in.fields[*other].role == Role::measure) {
    return refuse("the sum of \"" + printable(column.column) +
                  "\" takes the name of the measure \"" + printable(column.name) +
                  "\", which is another one");
  }
  return {};
}

}  // namespace

ConfigSpec Aggregate::spec() {
  return ConfigSpec("Makes one row for each combination of some columns")
      .add(text_list_field("by", "Columns that say which rows become one; the keys of the result")
               .required()
               .example(R"(["search_word"])"))
      .add(text_list_field("sum",
                           "Columns that are added up; a sum of int64 is a measure. "
                           "\"clicks as all_clicks\" gives it another name")
               .example(R"(["clicks", "impressions"])"))
      .add(text_field("count", "Name of a column with the number of rows").example(R"("ads")"))
      .add(text_list_field("min", "Columns of which the smallest value is kept")
               .example(R"(["first_seen"])"))
      .add(text_list_field("max", "Columns of which the largest value is kept")
               .example(R"(["last_seen", "clicks as most_clicks"])"));
}

Result<std::unique_ptr<Transform>> Aggregate::create(const Config& config, Host host) {
  AggregateSettings settings;
  settings.by = config.list("by");
  DAYMILL_TRY(check_by(settings.by, "aggregate"));
  for (const char* function : {"sum", "min", "max"}) {
    for (const std::string& item : config.list(function)) {
      auto [column, name] = split_new_name(item);
      settings.columns.push_back({function, std::move(column), std::move(name)});
    }
  }
  settings.count = config.text("count");
  return std::unique_ptr<Transform>(new Aggregate(std::move(settings), host));
}

Result<Field> Aggregate::field_of(const AggregatedColumn& column, const Schema& in) const {
  DAYMILL_ASSIGN(const std::size_t index,
                 find_column(in, column.column, "aggregate: `" + column.function + "`"));
  const Type type = in.fields[index].type;
  if (column.function != "sum") {
    return Field{column.name, type, Role::attribute, true};
  }
  if (type != Type::int64 && type != Type::float64) {
    return refuse("`sum` names \"" + printable(column.column) + "\" of type " + type_name(type) +
                  ", expected int64 or float64");
  }
  DAYMILL_TRY(check_sum_name(column, in));
  return Field{column.name, type, type == Type::int64 ? Role::measure : Role::attribute, true};
}

Result<Schema> Aggregate::bind(const Schema& in) {
  Schema out;
  std::vector<std::size_t> by;
  for (const std::string& name : settings_.by) {
    DAYMILL_ASSIGN(const std::size_t index, find_column(in, name, "aggregate: `by`"));
    if (in.fields[index].type == Type::float64) {
      return refuse("`by` names \"" + printable(name) +
                    "\" of type float64, expected a type with one text per value");
    }
    by.push_back(index);
    out.fields.push_back(Field{name, in.fields[index].type, Role::key, false});
  }
  for (const AggregatedColumn& column : settings_.columns) {
    DAYMILL_ASSIGN(Field field, field_of(column, in));
    out.fields.push_back(std::move(field));
  }
  if (!settings_.count.empty()) {
    out.fields.push_back(Field{settings_.count, Type::int64, Role::attribute, true});
  }
  DAYMILL_TRY(check_names(out));
  DAYMILL_TRY(column_list(in));
  in_ = in;
  out_ = out;
  by_ = std::move(by);
  return out;
}

std::string Aggregate::query() const {
  std::string keys;
  for (const std::string& name : settings_.by) {
    keys += (keys.empty() ? "" : ", ") + quote_name(name);
  }
  std::string sql = "SELECT " + keys;
  for (std::size_t i = 0; i < settings_.columns.size(); ++i) {
    const AggregatedColumn& column = settings_.columns[i];
    const bool exact = out_.fields[by_.size() + i].role == Role::measure;
    sql += ", " + (exact ? kExactSum : column.function) + "(" + quote_name(column.column) + ")";
  }
  return sql + (settings_.count.empty() ? "" : ", count(*)") + " FROM rows GROUP BY " + keys +
         " ORDER BY " + keys;
}

Result<std::unique_ptr<Lane>> Aggregate::open(const Partition& /*partition*/) {
  DAYMILL_ASSIGN(std::unique_ptr<CollectedRows> rows, CollectedRows::open(in_, host_));
  const int made = sqlite3_create_function_v2(rows->database().get(), kExactSum, 1, SQLITE_UTF8,
                                              nullptr, nullptr, add_to_sum, give_sum, nullptr);
  if (made != SQLITE_OK) {
    return rows->database().failure(made);
  }
  DAYMILL_ASSIGN(Statement statement, rows->database().prepare(query()));
  return std::unique_ptr<Lane>(std::make_unique<KeyedLane>("aggregate", in_, out_, by_,
                                                           std::move(rows), std::move(statement)));
}

}  // namespace daymill::sql
