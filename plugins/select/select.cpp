#include "select.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <daymill/column_lookup.hpp>
#include <daymill/kept_rows.hpp>

#include "cast.hpp"

namespace daymill::select {
namespace {

class SelectLane final : public Lane {
 public:
  SelectLane(Schema out, std::vector<ColumnPlan> plan)
      : out_schema_(std::move(out)), plan_(std::move(plan)) {}

  Status process(RecordBatch in, Emitter& out) override {
    const std::int64_t rows = in.num_rows();
    KeptRows kept(rows);
    const auto batch = std::make_shared<const RecordBatch>(std::move(in));
    std::vector<std::vector<Column>> uses;  // a column that goes on twice is shared, not copied
    std::vector<Column> columns;
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      const ColumnPlan& plan = plan_[i];
      if (out_schema_.fields[i].type != plan.from_type) {
        DAYMILL_ASSIGN(Column made, cast(i, batch->column(plan.from), kept, out));
        columns.push_back(std::move(made));
        continue;
      }
      while (uses.size() <= plan.use) {
        uses.push_back(RecordBatch::share(batch).release_columns());
      }
      columns.push_back(std::move(uses[plan.use][plan.from]));
    }
    return kept.emit(out_schema_, RecordBatch(rows, std::move(columns)), out);
  }

 private:
  Result<Column> cast(std::size_t index, const Column& column, KeptRows& kept, Emitter& out) {
    const Field& field = out_schema_.fields[index];
    const Type from = plan_[index].from_type;
    ColumnBuilder builder(field.type);
    for (std::int64_t row = 0; row < column.length(); ++row) {
      if (column.is_null(row)) {
        builder.append_null();
        continue;
      }
      if (append_cast(column, from, row, builder)) {
        continue;
      }
      builder.append_null();
      if (kept.keeps(row)) {
        kept.drop(row);
        const std::string reason = std::string("cast.") + type_name(field.type);
        const std::string message = "column \"" + printable(field.name) + "\": found " +
                                    found_value(column, from, row) + ", expected " +
                                    castable_values(from, field.type);
        DAYMILL_TRY(out.reject({row, reason, message}));
      }
    }
    return builder.finish();
  }

  Schema out_schema_;
  std::vector<ColumnPlan> plan_;
};

Status refuse(const std::string& problem) {
  return Status(Code::schema_mismatch, "select: " + problem);
}

std::string in_quotes(const std::string& name) {
  return "\"" + printable(name) + "\"";
}

Result<SelectedColumn> parse_item(const std::string& item) {
  SelectedColumn selected;
  std::tie(selected.column, selected.name) = split_new_name(item);
  if (const std::size_t colons = selected.column.rfind("::"); colons != std::string::npos) {
    const std::string type = selected.column.substr(colons + 2);
    selected.cast = type_from_name(type);
    if (!selected.cast) {
      return Status(Code::invalid_config,
                    "select: " + in_quotes(item) + " has the type " + in_quotes(type) +
                        ", expected bool, int64, float64, text, binary, date or timestamp");
    }
    const bool renamed = selected.name != selected.column;
    selected.column.resize(colons);
    selected.name = renamed ? selected.name : selected.column;
  }
  if (selected.column.empty() || selected.name.empty()) {
    return Status(Code::invalid_config,
                  "select: found " + in_quotes(item) +
                      R"(, expected "name", "name as new", "name::type" or "name::type as new")");
  }
  return selected;
}

/// Conservation goes by name: a measure's name must not come to mean another sum.
Status check_measure_name(const Schema& in, const Field& from, const std::string& name) {
  const auto other = in.index_of(name);
  if (from.role == Role::measure && name != from.name && other &&
      in.fields[*other].role == Role::measure) {
    return refuse("the measure " + in_quotes(from.name) + " takes the name of the measure " +
                  in_quotes(name));
  }
  return {};
}

Result<Field> cast_field(const Field& from, const SelectedColumn& selected) {
  Field field = from;
  field.name = selected.name;
  field.type = selected.cast.value_or(from.type);
  const std::string wish = in_quotes(from.name) + " of type " + type_name(from.type) +
                           " cannot become " + type_name(field.type);
  if (!can_cast(from.type, field.type)) {
    return refuse(wish);
  }
  if (from.role == Role::key && merges_values(from.type, field.type)) {
    return refuse("the key " + wish + ": rows might no longer be different");
  }
  if (from.role == Role::key && field.type == Type::float64) {
    return refuse("the key " + wish + ", as keys need one text per value");
  }
  if (from.role == Role::measure && field.type != Type::int64) {
    field.role = Role::attribute;  // its sum can no longer be proven
  }
  return field;
}

Status check_keys_kept(const Schema& in, const std::vector<ColumnPlan>& plan) {
  for (const std::size_t key : in.with_role(Role::key)) {
    const bool kept = std::any_of(plan.begin(), plan.end(),
                                  [&](const ColumnPlan& column) { return column.from == key; });
    if (!kept) {
      return refuse("the key " + in_quotes(in.fields[key].name) +
                    " is left out: rows might no longer be different")
          .next("add it, or use `aggregate` to make one row of those that are equal without it");
    }
  }
  return {};
}

}  // namespace

ConfigSpec Select::spec() {
  return ConfigSpec("Keeps, renames, reorders and casts columns")
      .add(text_list_field("columns",
                           "The columns that go on, in this order: \"name\", \"name as new\", "
                           "\"name::type\" or \"name::type as new\"; types are bool, int64, "
                           "float64, text, binary, date and timestamp")
               .required()
               .example(R"(["ad_id", "search_word as word", "clicks", "impressions as views"])"));
}

Result<std::unique_ptr<Transform>> Select::create(const Config& config, Host /*host*/) {
  std::vector<SelectedColumn> columns;
  for (const std::string& item : config.list("columns")) {
    DAYMILL_ASSIGN(SelectedColumn column, parse_item(item));
    columns.push_back(std::move(column));
  }
  if (columns.empty()) {
    return Status(Code::invalid_config, "select: `columns` is empty, expected at least one column");
  }
  return std::unique_ptr<Transform>(new Select(std::move(columns)));
}

Result<Schema> Select::bind(const Schema& in) {
  Schema out;
  std::vector<ColumnPlan> plan;
  std::map<std::size_t, std::size_t> uses;
  for (const SelectedColumn& selected : columns_) {
    DAYMILL_ASSIGN(const std::size_t from, find_column(in, selected.column, "select: `columns`"));
    DAYMILL_ASSIGN(Field field, cast_field(in.fields[from], selected));
    if (out.index_of(field.name)) {
      return refuse("two columns are called " + in_quotes(field.name))
          .next(R"(give one of them another name: ")" + selected.column + R"( as new")");
    }
    if (field.role == Role::measure) {
      DAYMILL_TRY(check_measure_name(in, in.fields[from], field.name));
    }
    if (field.role == Role::key && uses.count(from) != 0) {
      field.role = Role::attribute;  // it says nothing that the first one does not
    }
    plan.push_back({from, uses[from]++, in.fields[from].type});
    out.fields.push_back(std::move(field));
  }
  DAYMILL_TRY(check_keys_kept(in, plan));
  plan_ = std::move(plan);
  out_ = out;
  return out;
}

Result<std::unique_ptr<Lane>> Select::open(const Partition& /*partition*/) {
  return std::unique_ptr<Lane>(std::make_unique<SelectLane>(out_, plan_));
}

}  // namespace daymill::select
