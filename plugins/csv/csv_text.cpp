#include "csv_text.hpp"

#include <charconv>
#include <cmath>

namespace daymill::csv {
namespace {

void append_integer(std::string& out, std::int64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

Status append_value(std::string& out, const Field& field, const Column& column, std::int64_t row,
                    char delimiter) {
  if (column.is_null(row)) {
    return {};
  }
  switch (field.type) {
    case Type::boolean:
      out += column.boolean(row) ? "true" : "false";
      break;
    case Type::int64:
      append_integer(out, column.int64s()[row]);
      break;
    case Type::float64:
      if (!std::isfinite(column.float64s()[row])) {
        return Status(Code::invalid_data,
                      "column \"" + field.name + "\" has a value that is not finite");
      }
      out += float64_text(column.float64s()[row]);
      break;
    case Type::date:
      out += date_text(column.dates()[row]);
      break;
    case Type::timestamp:
      out += timestamp_text(column.int64s()[row]);
      break;
    case Type::text:
    case Type::binary:
      append_csv_field(out, column.bytes_at(row), delimiter);
      break;
  }
  return {};
}

}  // namespace

Result<char> single_character(const Config& config, const char* setting) {
  const std::string text = config.text(setting);
  if (text.size() != 1 || (text[0] != '\t' && (text[0] < ' ' || text[0] > '~'))) {
    return Status(Code::invalid_config, std::string("csv: ") + setting + " is \"" +
                                            printable(text) +
                                            "\", expected one printable ASCII character or a tab");
  }
  return text[0];
}

void append_csv_field(std::string& out, std::string_view value, char delimiter) {
  const char special[] = {delimiter, '"', '\r', '\n', '\0'};
  const bool plain = !value.empty() && value.find_first_of(special) == std::string_view::npos &&
                     value.front() != ' ' && value.back() != ' ' && value.front() != '\t' &&
                     value.back() != '\t';
  if (plain) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') {
      out += '"';
    }
    out += c;
  }
  out += '"';
}

void append_csv_header(std::string& out, const Schema& schema,
                       const std::optional<std::pair<std::string, std::string>>& first,
                       char delimiter) {
  if (first) {
    append_csv_field(out, first->first, delimiter);
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (i != 0 || first) {
      out += delimiter;
    }
    append_csv_field(out, schema.fields[i].name, delimiter);
  }
  out += '\n';
}

Status append_csv_rows(std::string& out, const Schema& schema, const RecordBatch& batch,
                       const std::optional<std::pair<std::string, std::string>>& first,
                       char delimiter) {
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    if (first) {
      append_csv_field(out, first->second, delimiter);
    }
    for (std::size_t i = 0; i < schema.size(); ++i) {
      if (i != 0 || first) {
        out += delimiter;
      }
      DAYMILL_TRY(append_value(out, schema.fields[i], batch.column(i), row, delimiter));
    }
    out += '\n';
  }
  return {};
}

}  // namespace daymill::csv
