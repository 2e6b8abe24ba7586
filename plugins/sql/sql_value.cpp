#include "sql_value.hpp"

#include <cmath>

namespace daymill::sql {
namespace {

std::string_view bytes_of(sqlite3_stmt* row, int index) {
  const void* data = sqlite3_column_blob(row, index);
  const int size = sqlite3_column_bytes(row, index);
  return size == 0
             ? std::string_view()
             : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

Mismatch mismatch(Type type) {
  switch (type) {
    case Type::boolean:
      return {"value.not_boolean", "1 or 0"};
    case Type::int64:
      return {"value.not_integer", "an integer from -2^63 to 2^63-1"};
    case Type::float64:
      return {"value.not_number", "a finite number"};
    case Type::text:
      return {"value.not_text", "a text"};
    case Type::date:
      return {"value.not_date", "the text of a date that exists, as 2026-11-22"};
    case Type::timestamp:
      return {"value.not_timestamp", "the text of a UTC time, as 2026-11-22T15:04:05"};
    case Type::binary:
      break;
  }
  return {"value.not_binary", "a blob"};
}

bool append_number(sqlite3_stmt* row, int index, int found, ColumnBuilder& builder) {
  if (builder.type() == Type::float64) {
    const double value = sqlite3_column_double(row, index);
    if ((found != SQLITE_FLOAT && found != SQLITE_INTEGER) || !std::isfinite(value)) {
      return false;
    }
    builder.append_float64(value);
    return true;
  }
  if (found != SQLITE_INTEGER) {
    return false;
  }
  const std::int64_t value = sqlite3_column_int64(row, index);
  if (builder.type() == Type::int64) {
    builder.append_int64(value);
    return true;
  }
  if (value != 0 && value != 1) {
    return false;
  }
  builder.append_boolean(value == 1);
  return true;
}

bool append_text(std::string_view text, ColumnBuilder& builder) {
  if (builder.type() == Type::date) {
    const auto days = parse_date(text);
    if (days) {
      builder.append_date(*days);
    }
    return days.has_value();
  }
  const auto time = parse_sql_timestamp(text);
  if (time) {
    builder.append_int64(*time);
  }
  return time.has_value();
}

}  // namespace

std::string sql_timestamp(std::int64_t microseconds) {
  std::string text = timestamp_text(microseconds);
  text.pop_back();  // the Z, which would sort after a fraction's dot
  return text;
}

std::optional<std::int64_t> parse_sql_timestamp(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // "2026-11-22T15:04:05"
  std::string canonical(text);
  if (!canonical.empty() && canonical.back() == 'Z') {
    canonical.pop_back();
  }
  if (canonical.size() < kSeconds) {
    return std::nullopt;
  }
  if (canonical[10] == ' ') {
    canonical[10] = 'T';
  }
  if (canonical.size() > kSeconds + 1 && canonical[kSeconds] == '.') {
    while (canonical.back() == '0') {
      canonical.pop_back();
    }
    if (canonical.back() == '.') {
      canonical.pop_back();
    }
  }
  return parse_timestamp(canonical + "Z");
}

std::optional<Mismatch> append_value(sqlite3_stmt* row, int index, ColumnBuilder& builder) {
  const int found = sqlite3_column_type(row, index);
  if (found == SQLITE_NULL) {
    builder.append_null();
    return std::nullopt;
  }
  bool fits = false;
  switch (builder.type()) {
    case Type::boolean:
    case Type::int64:
    case Type::float64:
      fits = append_number(row, index, found, builder);
      break;
    case Type::text:
      if (found == SQLITE_TEXT) {
        const std::string_view text = bytes_of(row, index);
        if (!is_utf8(text)) {
          return Mismatch{"text.not_utf8", "UTF-8"};
        }
        builder.append_bytes(text);
        fits = true;
      }
      break;
    case Type::binary:
      if (found == SQLITE_BLOB) {
        builder.append_bytes(bytes_of(row, index));
        fits = true;
      }
      break;
    case Type::date:
    case Type::timestamp:
      fits = found == SQLITE_TEXT && append_text(bytes_of(row, index), builder);
      break;
  }
  return fits ? std::nullopt : std::optional(mismatch(builder.type()));
}

std::string found_value(sqlite3_stmt* row, int index) {
  switch (sqlite3_column_type(row, index)) {
    case SQLITE_INTEGER:
      return "the integer " + std::to_string(sqlite3_column_int64(row, index));
    case SQLITE_FLOAT: {
      const double value = sqlite3_column_double(row, index);
      return "the real " + (std::isfinite(value) ? float64_text(value) : "infinity");
    }
    case SQLITE_TEXT:
      return "the text \"" + printable(bytes_of(row, index), 80) + "\"";
    case SQLITE_BLOB:
      return "the blob \"" + printable(bytes_of(row, index), 80) + "\"";
    default:
      return "NULL";
  }
}

Result<Type> declared_type_of(std::string_view name, const std::string& column) {
  const auto type = type_from_name(name);
  if (!type || *type == Type::binary) {
    return Status(Code::invalid_config,
                  "column \"" + printable(column) + "\" has the type \"" + printable(name) +
                      "\", expected int64, float64, text, bool, date or timestamp");
  }
  return *type;
}

}  // namespace daymill::sql
