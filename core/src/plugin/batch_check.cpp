#include "plugin/batch_check.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "daymill/value.hpp"

namespace daymill {

namespace {

Status breach(const std::string& what, std::int64_t found, const std::string& expected) {
  return Status(Code::internal, "a batch breaks the plugin interface: " + what + " is " +
                                    std::to_string(found) + ", expected " + expected);
}

std::string of_column(const std::string& what, const Field& field) {
  return what + " of column " + printable(field.name) + " (" + type_name(field.type) + ")";
}

/// One column of a batch with `rows` rows.
class ColumnCheck {
 public:
  ColumnCheck(const ArrowArray& column, const Field& field, std::int64_t rows)
      : column_(column), field_(field), rows_(rows) {}

  Status structure() const {
    DAYMILL_TRY(equal("length", column_.length, rows_));
    DAYMILL_TRY(equal("offset", column_.offset, 0));
    DAYMILL_TRY(equal("number of children", column_.n_children, 0));
    DAYMILL_TRY(equal("dictionary", column_.dictionary == nullptr ? 0 : 1, 0));
    DAYMILL_TRY(equal("number of buffers", column_.n_buffers, is_var_length(field_.type) ? 3 : 2));
    DAYMILL_TRY(present("list of buffers", column_.buffers));
    DAYMILL_TRY(nulls());
    if (rows_ == 0) {
      return {};
    }
    DAYMILL_TRY(present("buffer 1", column_.buffers[1]));
    DAYMILL_TRY(aligned());
    return is_var_length(field_.type) ? ends() : ok_status();
  }

  Status data() const {
    DAYMILL_TRY(null_count());
    if (!is_var_length(field_.type)) {
      return {};
    }
    for (std::int64_t row = 0; row < rows_; ++row) {
      if (offsets()[row + 1] < offsets()[row]) {
        return fail("offset " + std::to_string(row + 1), offsets()[row + 1],
                    "at least " + std::to_string(offsets()[row]));
      }
    }
    return field_.type == Type::text ? utf8() : ok_status();
  }

 private:
  Status fail(const std::string& what, std::int64_t found, const std::string& expected) const {
    return breach(of_column(what, field_), found, expected);
  }
  Status equal(const char* what, std::int64_t found, std::int64_t expected) const {
    return found == expected ? ok_status() : fail(what, found, std::to_string(expected));
  }
  Status present(const char* what, const void* pointer) const {
    return pointer != nullptr ? ok_status()
                              : Status(Code::internal, "a batch breaks the plugin interface: " +
                                                           of_column(what, field_) + " is NULL");
  }
  const std::int32_t* offsets() const {
    return static_cast<const std::int32_t*>(column_.buffers[1]);
  }
  bool is_null(std::int64_t row) const {
    const auto* bits = static_cast<const std::uint8_t*>(column_.buffers[0]);
    return column_.null_count != 0 && ((bits[row >> 3] >> (row & 7)) & 1) == 0;
  }

  Status nulls() const {
    if (column_.null_count < 0 || column_.null_count > rows_) {
      return fail("null count", column_.null_count, "between 0 and " + std::to_string(rows_));
    }
    if (column_.null_count == 0) {
      return {};
    }
    if (!field_.nullable) {
      return fail("null count", column_.null_count, "0, as the schema allows no null");
    }
    return present("buffer 0 (validity)", column_.buffers[0]);
  }

  Status aligned() const {
    const std::uintptr_t width = field_.type == Type::boolean                              ? 1
                                 : is_var_length(field_.type) || field_.type == Type::date ? 4
                                                                                           : 8;
    const std::uintptr_t rest = reinterpret_cast<std::uintptr_t>(column_.buffers[1]) % width;
    return rest == 0 ? ok_status()
                     : fail("address of buffer 1 modulo " + std::to_string(width),
                            static_cast<std::int64_t>(rest), "0");
  }

  Status ends() const {
    if (offsets()[0] < 0) {
      return fail("first offset", offsets()[0], "at least 0");
    }
    if (offsets()[rows_] < offsets()[0]) {
      return fail("last offset", offsets()[rows_], "at least " + std::to_string(offsets()[0]));
    }
    return offsets()[rows_] == 0 ? ok_status() : present("buffer 2", column_.buffers[2]);
  }

  Status null_count() const {
    if (column_.null_count == 0 && column_.buffers[0] == nullptr) {
      return {};
    }
    const auto* bits = static_cast<const std::uint8_t*>(column_.buffers[0]);
    std::int64_t nulls = 0;
    for (std::int64_t row = 0; row < rows_; ++row) {
      nulls += ((bits[row >> 3] >> (row & 7)) & 1) == 0 ? 1 : 0;
    }
    return nulls == column_.null_count ? ok_status()
                                       : fail("null count", column_.null_count,
                                              std::to_string(nulls) + " by the validity bits");
  }

  Status utf8() const {
    const char* bytes = static_cast<const char*>(column_.buffers[2]);
    for (std::int64_t row = 0; row < rows_; ++row) {
      const auto size = static_cast<std::size_t>(offsets()[row + 1] - offsets()[row]);
      if (size == 0 || is_null(row)) {
        continue;
      }
      const std::string_view value(bytes + offsets()[row], size);
      if (!is_utf8(value)) {
        return Status(Code::internal, "a batch breaks the plugin interface: " +
                                          of_column("row " + std::to_string(row), field_) +
                                          " is \"" + printable(value) + "\", expected valid UTF-8");
      }
    }
    return {};
  }

  const ArrowArray& column_;
  const Field& field_;
  std::int64_t rows_;
};

Status check_top(const ArrowArray& array, const Schema& schema) {
  if (array.release == nullptr) {
    return Status(Code::internal,
                  "a batch breaks the plugin interface: it was released before it was handed over");
  }
  if (array.length < 0) {
    return breach("the number of rows", array.length, "at least 0");
  }
  if (array.offset != 0) {
    return breach("the offset", array.offset, "0");
  }
  if (array.null_count != 0) {
    return breach("the null count of the rows", array.null_count, "0");
  }
  const auto columns = static_cast<std::int64_t>(schema.size());
  if (array.n_children != columns) {
    return breach("the number of columns", array.n_children,
                  std::to_string(columns) + " by the schema");
  }
  for (std::int64_t i = 0; i < columns; ++i) {
    if (array.children == nullptr || array.children[i] == nullptr) {
      return breach("the number of columns that are not NULL", i, std::to_string(columns));
    }
  }
  return {};
}

}  // namespace

BatchCheck default_batch_check() {
#ifdef NDEBUG
  return BatchCheck::structure;
#else
  return BatchCheck::data;
#endif
}

Status check_batch(const ArrowArray& array, const Schema& schema, BatchCheck depth) {
  DAYMILL_TRY(check_top(array, schema));
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const ColumnCheck column(*array.children[i], schema.fields[i], array.length);
    DAYMILL_TRY(column.structure());
    if (depth == BatchCheck::data && array.length != 0) {
      DAYMILL_TRY(column.data());
    }
  }
  return {};
}

}  // namespace daymill
