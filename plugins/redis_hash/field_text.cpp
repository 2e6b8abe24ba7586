#include "field_text.hpp"

#include <algorithm>
#include <utility>

#include "daymill/value.hpp"
#include "decoder.hpp"

namespace daymill::redis_hash {
namespace {

/// What a reader of the hash would stumble over; empty: nothing.
std::string problem_of(std::string_view text, const FieldPattern::Column& column, bool last) {
  if (text.empty() && !last) {
    return "is empty, expected a text";
  }
  if (text.size() > kMaxTextBytes) {
    return "has " + std::to_string(text.size()) + " bytes, expected at most " +
           std::to_string(kMaxTextBytes);
  }
  if (text.find('\0') != std::string_view::npos) {
    return "has a NUL, expected text without";
  }
  // Where the separator stands first decides, also when it begins within the text.
  if (!last && (std::string(text) + column.separator).find(column.separator) != text.size()) {
    return "meets the separator \"" + printable(column.separator) +
           "\" of the field pattern, so the field could not be split into its columns again";
  }
  return {};
}

}  // namespace

Result<FieldText> FieldText::bind(const FieldPattern& pattern, const Schema& rows) {
  FieldText bound;
  bound.pattern_ = pattern;
  for (const FieldPattern::Column& column : pattern.columns) {
    const auto index = rows.index_of(column.name);
    if (!index) {
      return Status(Code::schema_mismatch,
                    "`field` has the column \"" + column.name + "\", the rows have not");
    }
    const Field& field = rows.fields[*index];
    if (field.role != Role::key || field.type != column.type) {
      return Status(Code::schema_mismatch,
                    "column \"" + column.name + "\" of the field pattern is a " +
                        role_name(field.role) + " of type " + type_name(field.type) +
                        " in the rows, expected a key of type " + type_name(column.type));
    }
    bound.columns_.push_back(*index);
  }
  for (const std::size_t key : rows.with_role(Role::key)) {
    if (std::find(bound.columns_.begin(), bound.columns_.end(), key) == bound.columns_.end()) {
      return Status(Code::schema_mismatch, "key \"" + rows.fields[key].name +
                                               "\" of the rows is not in the field pattern, so "
                                               "that several rows would have one field")
          .next("put it into \"field\", or combine the rows without it");
    }
  }
  return bound;
}

Status FieldText::render(const RecordBatch& batch, std::int64_t row, std::string& field) const {
  field.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const FieldPattern::Column& column = pattern_.columns[i];
    const Column& values = batch.column(columns_[i]);
    const bool last = i + 1 == columns_.size();
    const std::size_t begin = field.size();
    if (values.is_null(row)) {
      return Status(Code::invalid_data, "key \"" + column.name + "\" of a row is null");
    }
    if (column.type == Type::int64) {
      field += std::to_string(values.int64s()[row]);
    } else {
      field += values.bytes_at(row);
    }
    const std::string_view text = std::string_view(field).substr(begin);
    std::string problem = problem_of(text, column, last);
    if (!problem.empty()) {
      return Status(Code::invalid_data, "row \"" + printable(field) + "...\": column \"" +
                                            column.name + "\" is \"" + printable(text) + "\": it " +
                                            std::move(problem));
    }
    field += column.separator;
  }
  return {};
}

}  // namespace daymill::redis_hash
