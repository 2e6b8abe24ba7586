#include "run/json_rows.hpp"

#include <limits>

#include "daymill/value.hpp"
#include "pipeline/config_resolution.hpp"
#include "pipeline/did_you_mean.hpp"

namespace daymill {

namespace {

using Json = nlohmann::ordered_json;

/// False: the value does not fit the type.
bool append_value(Type type, const Json& value, ColumnBuilder& out) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::string* text = value.is_string() ? &value.get_ref<const std::string&>() : nullptr;
  switch (type) {
    case Type::boolean:
      return value.is_boolean() && (out.append_boolean(value.get<bool>()), true);
    case Type::int64: {
      const bool fits = value.is_number_integer() &&
                        (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kLargest);
      return fits && (out.append_int64(value.get<std::int64_t>()), true);
    }
    case Type::float64:
      return value.is_number() && (out.append_float64(value.get<double>()), true);
    case Type::text:
    case Type::binary:
      return text != nullptr && (out.append_bytes(*text), true);
    case Type::date: {
      const auto date = text == nullptr ? std::nullopt : parse_date(*text);
      return date && (out.append_date(*date), true);
    }
    case Type::timestamp: {
      const auto time = text == nullptr ? std::nullopt : parse_timestamp(*text);
      return time && (out.append_int64(*time), true);
    }
  }
  return false;
}

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields) {
    names.push_back(field.name);
  }
  return names;
}

void append_zero(Type type, ColumnBuilder& out) {
  switch (type) {
    case Type::boolean:
      return out.append_boolean(false);
    case Type::int64:
    case Type::timestamp:
      return out.append_int64(0);
    case Type::float64:
      return out.append_float64(0);
    case Type::date:
      return out.append_date(0);
    case Type::text:
    case Type::binary:
      return out.append_bytes({});
  }
}

std::string columns_text(const Schema& schema) {
  std::string text;
  for (const Field& field : schema.fields) {
    text += (text.empty() ? "" : ", ") + field.name + " " + type_name(field.type);
  }
  return text;
}

Status unknown_column(const Schema& schema, const std::string& name) {
  return Status(Code::invalid_data, "there is no column " + in_quotes(name) + ", expected one of " +
                                        columns_text(schema))
      .next(did_you_mean(name, names_of(schema)));
}

}  // namespace

nlohmann::ordered_json json_value(Type type, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    return nullptr;
  }
  switch (type) {
    case Type::boolean:
      return column.boolean(row);
    case Type::int64:
      return column.int64s()[row];
    case Type::float64:
      return column.float64s()[row];
    case Type::date:
      return date_text(column.dates()[row]);
    case Type::timestamp:
      return timestamp_text(column.int64s()[row]);
    case Type::text:
    case Type::binary:
      break;
  }
  const std::string_view bytes = column.bytes_at(row);
  return is_utf8(bytes) ? std::string(bytes)
                        : printable(bytes, std::numeric_limits<std::size_t>::max());
}

nlohmann::ordered_json json_row(const Schema& schema, const RecordBatch& batch, std::int64_t row) {
  Json json = Json::object();
  for (std::size_t i = 0; i < schema.size(); ++i) {
    json[schema.fields[i].name] = json_value(schema.fields[i].type, batch.column(i), row);
  }
  return json;
}

Status append_json_row(const Schema& schema, const Json& row, BatchBuilder& out, Absent absent) {
  if (!row.is_object() && !(row.is_array() && row.size() == schema.size())) {
    return Status(Code::invalid_data,
                  "found " + describe_value(row) +
                      ", expected an object by column names or a list of all values: " +
                      columns_text(schema));
  }
  if (row.is_object()) {
    for (const auto& [name, value] : row.items()) {
      if (!schema.index_of(name)) {
        return unknown_column(schema, name);
      }
    }
  }
  static const Json null;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const Field& field = schema.fields[i];
    const Json& value = row.is_array() ? row[i] : row.contains(field.name) ? row[field.name] : null;
    const bool left_out = row.is_object() && !row.contains(field.name);
    if (value.is_null() && field.nullable) {
      out.column(i).append_null();
    } else if (left_out && absent == Absent::zero) {
      append_zero(field.type, out.column(i));
    } else if (!append_value(field.type, value, out.column(i))) {
      return Status(Code::invalid_data, "column " + in_quotes(field.name) + ": found " +
                                            describe_value(value) + ", expected " +
                                            type_name(field.type));
    }
  }
  out.end_row();
  return {};
}

}  // namespace daymill
