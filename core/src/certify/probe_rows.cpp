#include "certify/probe_rows.hpp"

#include <algorithm>
#include <sstream>

#include "daymill/value.hpp"

namespace daymill {

namespace {

void append_made_up(const Field& field, std::int64_t row, ColumnBuilder& column) {
  if (field.nullable && row % 5 == 4) {
    column.append_null();
    return;
  }
  switch (field.type) {
    case Type::boolean:
      return column.append_boolean(row % 2 == 0);
    case Type::int64:
      return column.append_int64(row);
    case Type::timestamp:
      return column.append_int64(946684800000000 + row * 1001);
    case Type::float64:
      return column.append_float64(static_cast<double>(row) / 8);
    case Type::date:
      return column.append_date(static_cast<std::int32_t>(10957 + row));
    case Type::text:
    case Type::binary:
      break;
  }
  static const std::vector<std::string> kTexts = {"shoes", "", "größe", "a b,c\"d'", "靴"};
  const std::string& text = kTexts[static_cast<std::size_t>(row) % kTexts.size()];
  // A key is made different by its row; of the first rows one is the empty text.
  column.append_bytes(field.role == Role::key && row >= 5 ? text + std::to_string(row) : text);
}

Status wrong_value(const Field& field, std::size_t row, const nlohmann::ordered_json& value) {
  return Status(Code::invalid_config, "row " + std::to_string(row + 1) + ", column " + field.name +
                                          ": found " + value.dump() + ", expected " +
                                          type_name(field.type) +
                                          (field.nullable ? " or null" : ""));
}

Status append_json(const Field& field, std::size_t row, const nlohmann::ordered_json& value,
                   ColumnBuilder& column) {
  if (value.is_null() && field.nullable) {
    column.append_null();
    return {};
  }
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (field.type == Type::boolean && value.is_boolean()) {
    column.append_boolean(value.get<bool>());
  } else if (field.type == Type::int64 && value.is_number_integer()) {
    column.append_int64(value.get<std::int64_t>());
  } else if (field.type == Type::float64 && value.is_number()) {
    column.append_float64(value.get<double>());
  } else if (is_var_length(field.type) && value.is_string()) {
    column.append_bytes(text);
  } else if (const auto day = parse_date(text); field.type == Type::date && day) {
    column.append_date(*day);
  } else if (const auto at = parse_timestamp(text); field.type == Type::timestamp && at) {
    column.append_int64(*at);
  } else {
    return wrong_value(field, row, value);
  }
  return {};
}

}  // namespace

ProbeRows ProbeRows::made_up(Schema schema, std::int64_t count) {
  BatchBuilder rows(schema);
  for (std::int64_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      append_made_up(schema.fields[i], row, rows.column(i));
    }
    rows.end_row();
  }
  ProbeRows made;
  made.schema_ = std::move(schema);
  made.rows_ = std::make_shared<const RecordBatch>(rows.finish());
  return made;
}

Result<ProbeRows> ProbeRows::from_json(Schema schema, const nlohmann::ordered_json& rows) {
  if (!rows.is_array() || rows.empty()) {
    return Status(Code::invalid_config, "found no rows, expected an array of objects");
  }
  BatchBuilder builder(schema);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      const Field& field = schema.fields[i];
      const bool present = rows[row].is_object() && rows[row].contains(field.name);
      DAYMILL_TRY(append_json(field, row,
                              present ? rows[row][field.name] : nlohmann::ordered_json(),
                              builder.column(i)));
    }
    builder.end_row();
  }
  ProbeRows given;
  given.schema_ = std::move(schema);
  given.rows_ = std::make_shared<const RecordBatch>(builder.finish());
  return given;
}

RecordBatch ProbeRows::batch(std::int64_t first, std::int64_t count) const {
  BatchBuilder out(schema_);
  append_rows(*rows_, first, std::max<std::int64_t>(0, std::min(count, size() - first)), out);
  return out.finish();
}

RecordBatch ProbeRows::nulls(std::int64_t count) const {
  BatchBuilder out(schema_);
  for (std::int64_t row = 0; row < std::min(count, size()); ++row) {
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      if (schema_.fields[i].nullable) {
        out.column(i).append_null();
      } else {
        out.column(i).append_from(rows_->column(i), row);
      }
    }
    out.end_row();
  }
  return out.finish();
}

std::vector<Sum> ProbeRows::sums() const {
  std::vector<Sum> sums;
  for (const std::size_t i : schema_.with_role(Role::measure)) {
    Sum sum{schema_.fields[i].name, 0};
    for (std::int64_t row = 0; row < size(); ++row) {
      sum.value += rows_->column(i).is_null(row) ? 0 : rows_->column(i).int64s()[row];
    }
    sums.push_back(std::move(sum));
  }
  return sums;
}

Schema plain_schema() {
  return Schema{{{"ad_id", Type::int64, Role::key, false},
                 {"search_word", Type::text, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true},
                 {"impressions", Type::int64, Role::measure, true}}};
}

Schema every_type_schema() {
  Schema schema = plain_schema();
  for (const Type type : kAllTypes) {
    schema.fields.push_back(Field{type_name(type), type, Role::attribute, true});
  }
  return schema;
}

Result<Schema> schema_from_json(const nlohmann::ordered_json& columns) {
  Schema schema;
  for (const auto& [name, value] : columns.items()) {
    std::istringstream words(value.is_string() ? value.get<std::string>() : "");
    std::string type;
    std::string role;
    words >> type >> role;
    const auto known = type_from_name(type);
    const bool plain = role.empty() || role == "attribute";
    if (!known || !(plain || role == "key" || role == "measure") ||
        (role == "measure" && *known != Type::int64)) {
      return Status(Code::invalid_config,
                    "column " + name + ": found " + value.dump() +
                        ", expected a type (bool, int64, float64, text, binary, date, timestamp) "
                        "and, after a space, key or measure (int64 only)");
    }
    const Role means = role == "key" ? Role::key : plain ? Role::attribute : Role::measure;
    schema.fields.push_back(Field{name, *known, means, means != Role::key});
  }
  if (schema.fields.empty()) {
    return Status(Code::invalid_config, "found no columns, expected at least one");
  }
  return schema;
}

void append_rows(const RecordBatch& batch, std::int64_t first, std::int64_t count,
                 BatchBuilder& out) {
  for (std::int64_t row = first; row < first + count; ++row) {
    for (std::size_t i = 0; i < batch.num_columns(); ++i) {
      out.column(i).append_from(batch.column(i), row);
    }
    out.end_row();
  }
}

}  // namespace daymill
