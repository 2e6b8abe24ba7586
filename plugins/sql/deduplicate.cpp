#include "deduplicate.hpp"

#include <utility>

#include <daymill/column_lookup.hpp>

#include "keyed_lane.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

bool take_suffix(std::string& text, std::string_view suffix) {
  if (text.size() <= suffix.size() ||
      text.compare(text.size() - suffix.size(), suffix.size(), suffix) != 0) {
    return false;
  }
  text.resize(text.size() - suffix.size());
  return true;
}

}  // namespace

ConfigSpec Deduplicate::spec() {
  return ConfigSpec("Keeps one of the rows that are equal in some columns")
      .add(text_list_field("by",
                           "Columns in which no two rows are equal afterwards; the keys of "
                           "the result")
               .required()
               .example(R"(["ad_id"])"))
      .add(text_list_field("order_by",
                           "Columns by whose values the rows are ordered, \"seen desc\" "
                           "for largest first; rows equal in them are ordered by all "
                           "columns")
               .example(R"(["seen desc"])"))
      .add(text_field("keep", "Which of the ordered rows stays")
               .defaults_to("first")
               .one_of({"first", "last"}));
}

Result<std::unique_ptr<Transform>> Deduplicate::create(const Config& config, Host host) {
  DAYMILL_TRY(check_by(config.list("by"), "deduplicate"));
  return std::unique_ptr<Transform>(new Deduplicate(config, host));
}

Deduplicate::Deduplicate(const Config& config, Host host)
    : by_names_(config.list("by")), keep_first_(config.text("keep") != "last"), host_(host) {
  for (std::string& item : config.list("order_by")) {
    const bool descending = take_suffix(item, " desc");
    if (!descending) {
      take_suffix(item, " asc");
    }
    order_.push_back({item, descending});
  }
}

Result<Schema> Deduplicate::bind(const Schema& in) {
  Schema out = in;
  for (Field& field : out.fields) {
    field.role = field.role == Role::key ? Role::attribute : field.role;
  }
  std::vector<std::size_t> by;
  for (const std::string& name : by_names_) {
    DAYMILL_ASSIGN(const std::size_t index, find_column(in, name, "deduplicate: `by`"));
    if (in.fields[index].type == Type::float64 || in.fields[index].role == Role::measure) {
      return Status(Code::schema_mismatch,
                    "deduplicate: `by` names \"" + printable(name) + "\", a " +
                        role_name(in.fields[index].role) + " of type " +
                        type_name(in.fields[index].type) +
                        ", expected no measure and a type with one text per value");
    }
    out.fields[index].role = Role::key;
    out.fields[index].nullable = false;
    by.push_back(index);
  }
  for (const Order& order : order_) {
    DAYMILL_TRY(find_column(in, order.column, "deduplicate: `order_by`"));
  }
  DAYMILL_TRY(column_list(in));
  in_ = in;
  out_ = out;
  by_ = std::move(by);
  return out;
}

/// Rows are numbered in the order asked for, or backwards when the last one is to stay.
std::string Deduplicate::query() const {
  std::string columns;
  std::string order;
  const auto add_order = [&](const std::string& column, bool descending) {
    order += (order.empty() ? "" : ", ") + quote_name(column) +
             (descending == keep_first_ ? " DESC" : " ASC");
  };
  for (const Order& item : order_) {
    add_order(item.column, item.descending);
  }
  for (const Field& field : in_.fields) {
    columns += (columns.empty() ? "" : ", ") + quote_name(field.name);
    add_order(field.name, false);
  }
  std::string by;
  for (const std::string& name : by_names_) {
    by += (by.empty() ? "" : ", ") + quote_name(name);
  }
  return "SELECT " + columns + " FROM (SELECT *, row_number() OVER (PARTITION BY " + by +
         " ORDER BY " + order +
         ") AS \"daymill row number\" FROM rows) WHERE \"daymill row number\" "
         "= 1 ORDER BY " +
         by;
}

Result<std::unique_ptr<Lane>> Deduplicate::open(const Partition& /*partition*/) {
  DAYMILL_ASSIGN(std::unique_ptr<CollectedRows> rows, CollectedRows::open(in_, host_));
  DAYMILL_ASSIGN(Statement statement, rows->database().prepare(query()));
  return std::unique_ptr<Lane>(std::make_unique<KeyedLane>("deduplicate", in_, out_, by_,
                                                           std::move(rows), std::move(statement)));
}

}  // namespace daymill::sql
