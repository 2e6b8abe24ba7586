#include "json_text.hpp"

#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <daymill/value.hpp>

namespace daymill::jsonl {
namespace {

Status append_value(std::string& out, const Field& field, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    out += "null";
    return {};
  }
  switch (field.type) {
    case Type::boolean:
      out += column.boolean(row) ? "true" : "false";
      break;
    case Type::int64: {
      char digits[24];
      out.append(digits, std::to_chars(digits, digits + sizeof digits, column.int64s()[row]).ptr);
      break;
    }
    case Type::float64:
      if (!std::isfinite(column.float64s()[row])) {
        return Status(Code::invalid_data,
                      "column \"" + field.name + "\" has a value that is not finite");
      }
      out += float64_text(column.float64s()[row]);
      break;
    case Type::date:
      append_json_text(out, date_text(column.dates()[row]));
      break;
    case Type::timestamp:
      append_json_text(out, timestamp_text(column.int64s()[row]));
      break;
    case Type::text:
    case Type::binary:
      append_json_text(out, column.bytes_at(row));
      break;
  }
  return {};
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

Status append_json_rows(std::string& out, const Schema& schema, const RecordBatch& batch,
                        const std::optional<std::pair<std::string, std::string>>& first) {
  std::vector<std::string> names;  // with what stands before the value
  for (const Field& field : schema.fields) {
    std::string& name = names.emplace_back(names.empty() && !first ? "{" : ",");
    append_json_text(name, field.name);
    name += ':';
  }
  std::string begin;
  if (first) {
    begin = "{";
    append_json_text(begin, first->first);
    begin += ':';
    append_json_text(begin, first->second);
  }
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    out += begin;
    for (std::size_t i = 0; i < schema.size(); ++i) {
      out += names[i];
      DAYMILL_TRY(append_value(out, schema.fields[i], batch.column(i), row));
    }
    out += "}\n";
  }
  return {};
}

}  // namespace daymill::jsonl
