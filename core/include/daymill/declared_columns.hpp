// Rows that a pipeline declares itself: the settings `columns`, `keys` and `measures`, for sources
// whose data has no schema of its own (CSV, JSON lines, the result of a query).
//
//   ConfigSpec spec = declare_columns(ConfigSpec("Reads CSV files").add(...));
//   DAYMILL_ASSIGN(Schema typed, declared_schema(config));
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "daymill/config.hpp"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"

namespace daymill {

/// Adds the three settings to a component's spec.
inline ConfigSpec declare_columns(ConfigSpec spec) {
  return std::move(spec)
      .add(text_map_field("columns",
                          "Column name to type: int64, float64, text, bool, date (2026-11-22) or "
                          "timestamp (2026-11-22T15:04:05Z)")
               .required()
               .example(R"({"ad_id": "int64", "search_word": "text", "clicks": "int64"})"))
      .add(text_list_field("keys", "Columns that say which rows belong together; never null")
               .required()
               .example(R"(["ad_id", "search_word"])"))
      .add(text_list_field("measures", "int64 columns that are summed per key")
               .example(R"(["clicks"])"));
}

namespace detail {
inline Status assign_roles(Schema& schema, const char* setting, Role role,
                           const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string what = std::string(setting) + " names \"" + name + "\"";
    const auto index = schema.index_of(name);
    if (!index) {
      return Status(Code::invalid_config, what + ", which `columns` does not declare");
    }
    Field& field = schema.fields[*index];
    if (field.role != Role::attribute) {
      return Status(Code::invalid_config,
                    what + ", which is a " + role_name(field.role) + " already");
    }
    if (role == Role::measure && field.type != Type::int64) {
      return Status(Code::invalid_config,
                    what + " of type " + type_name(field.type) + ", expected int64");
    }
    if (role == Role::key && field.type == Type::float64) {
      return Status(Code::invalid_config,
                    what + " of type float64, expected a type with one text per value");
    }
    field.role = role;
    field.nullable = role != Role::key;
  }
  return {};
}
}  // namespace detail

/// The typed schema that the three settings declare, columns in the order of `columns`. Keys are
/// not nullable, measures are: a row or a whole split may lack one. INVALID_CONFIG names the
/// column.
inline Result<Schema> declared_schema(const Config& config) {
  Schema schema;
  for (const auto& [name, type] : config.map("columns")) {
    const auto known = type_from_name(type);
    if (!known || *known == Type::binary) {
      return Status(Code::invalid_config,
                    "column \"" + name + "\" has the type \"" + type +
                        "\", expected int64, float64, text, bool, date or timestamp");
    }
    schema.fields.push_back(Field{name, *known, Role::attribute, true});
  }
  DAYMILL_TRY(detail::assign_roles(schema, "keys", Role::key, config.list("keys")));
  DAYMILL_TRY(detail::assign_roles(schema, "measures", Role::measure, config.list("measures")));
  if (schema.with_role(Role::key).empty()) {
    return Status(Code::invalid_config, "keys is empty, expected at least one column");
  }
  return schema;
}

}  // namespace daymill
