// Types, fields and schemas: what the columns of a batch mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/abi.h"

namespace daymill {

/// Column types, version 1. In memory: Arrow layout of the format that arrow_format() names.
enum class Type : std::int32_t {
  boolean = 1,    ///< one bit
  int64 = 2,      ///< 64-bit signed
  float64 = 3,    ///< IEEE 754 double
  text = 4,       ///< UTF-8, int32 offsets
  binary = 5,     ///< any bytes, int32 offsets
  date = 6,       ///< int32, days since 1970-01-01
  timestamp = 7,  ///< int64, microseconds since 1970-01-01T00:00:00Z
};

/// Values with offsets into bytes, of any length.
constexpr bool is_var_length(Type type) {
  return type == Type::text || type == Type::binary;
}

/// What a column is for. combine makes one row per key and sums the measures; of an attribute the
/// newest value is kept.
enum class Role : std::int32_t {
  key = DAYMILL_ROLE_KEY,
  measure = DAYMILL_ROLE_MEASURE,  ///< int64; its sum must survive the trip
  attribute = DAYMILL_ROLE_ATTRIBUTE,
};

inline const char* arrow_format(Type type) {
  switch (type) {
    case Type::boolean:
      return "b";
    case Type::int64:
      return "l";
    case Type::float64:
      return "g";
    case Type::text:
      return "u";
    case Type::binary:
      return "z";
    case Type::date:
      return "tdD";
    case Type::timestamp:
      return "tsu:UTC";
  }
  return "";
}

/// Name as written in pipeline files and messages.
inline const char* type_name(Type type) {
  switch (type) {
    case Type::boolean:
      return "bool";
    case Type::int64:
      return "int64";
    case Type::float64:
      return "float64";
    case Type::text:
      return "text";
    case Type::binary:
      return "binary";
    case Type::date:
      return "date";
    case Type::timestamp:
      return "timestamp";
  }
  return "";
}

inline constexpr Type kAllTypes[] = {Type::boolean, Type::int64, Type::float64,  Type::text,
                                     Type::binary,  Type::date,  Type::timestamp};

inline std::optional<Type> type_from_name(std::string_view name) {
  for (Type type : kAllTypes) {
    if (name == type_name(type)) {
      return type;
    }
  }
  return std::nullopt;
}

inline std::optional<Type> type_from_arrow_format(std::string_view format) {
  for (Type type : kAllTypes) {
    if (format == arrow_format(type)) {
      return type;
    }
  }
  return std::nullopt;
}

inline const char* role_name(Role role) {
  switch (role) {
    case Role::key:
      return "key";
    case Role::measure:
      return "measure";
    case Role::attribute:
      return "attribute";
  }
  return "";
}

struct Field {
  std::string name;
  Type type = Type::text;
  Role role = Role::attribute;
  bool nullable = true;

  friend bool operator==(const Field& a, const Field& b) {
    return a.name == b.name && a.type == b.type && a.role == b.role && a.nullable == b.nullable;
  }
};

struct Schema {
  std::vector<Field> fields;

  [[nodiscard]] std::size_t size() const { return fields.size(); }
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == name) {
        return i;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::vector<std::size_t> with_role(Role role) const {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].role == role) {
        indices.push_back(i);
      }
    }
    return indices;
  }
  friend bool operator==(const Schema& a, const Schema& b) { return a.fields == b.fields; }
};

}  // namespace daymill
