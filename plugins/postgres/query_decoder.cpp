#include "query_decoder.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "daymill/row_decoder.hpp"
#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

constexpr std::int32_t kFirstDay = -719162;  // 0001-01-01
constexpr std::int32_t kLastDay = 2932896;   // 9999-12-31
constexpr std::int64_t kDay = std::int64_t{86400} * 1'000'000;

bool is_day(std::int64_t days) {
  return days >= kFirstDay && days <= kLastDay;
}
bool is_time(std::int64_t microseconds) {
  return microseconds >= kFirstDay * kDay && microseconds < (kLastDay + 1) * kDay;
}

/// Has the value of this row a daymill value? It is not null.
bool fits(Type type, const Column& column, std::int64_t row) {
  switch (type) {
    case Type::float64:
      return std::isfinite(column.float64s()[row]);
    case Type::date:
      return is_day(column.dates()[row]);
    case Type::timestamp:
      return is_time(column.int64s()[row]);
    default:
      return true;
  }
}

bool all_fit(const Field& field, const Column& column) {
  if (field.role == Role::key && column.null_count() != 0) {
    return false;
  }
  const bool any_fits =
      field.type != Type::float64 && field.type != Type::date && field.type != Type::timestamp;
  for (std::int64_t row = 0; !any_fits && row < column.length(); ++row) {
    if (!column.is_null(row) && !fits(field.type, column, row)) {
      return false;
    }
  }
  return true;
}

std::string value_text(Type type, const Column& column, std::int64_t row) {
  if (type == Type::float64) {
    const double value = column.float64s()[row];
    return std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
  }
  return "a time that is infinite or not in the years 1 to 9999";
}

class QueryLane final : public Lane {
 public:
  explicit QueryLane(const Schema& typed) : rows_(typed) {}

  Status process(RecordBatch in, Emitter& out) override {
    const Schema& typed = rows_.schema();
    bool whole = true;
    for (std::size_t i = 0; whole && i < typed.size(); ++i) {
      whole = all_fit(typed.fields[i], in.column(i));
    }
    if (whole) {
      return out.emit(std::move(in));
    }
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      rows_.begin(row);
      for (std::size_t i = 0; i < typed.size(); ++i) {
        if (!in.column(i).is_null(row)) {
          set(i, in.column(i), row);
        }
      }
      DAYMILL_TRY(rows_.end(out));
    }
    return rows_.flush(out);
  }

 private:
  void set(std::size_t i, const Column& column, std::int64_t row) {
    const Type type = rows_.schema().fields[i].type;
    if (!fits(type, column, row)) {
      rows_.fail_value(i, value_text(type, column, row));
      return;
    }
    switch (type) {
      case Type::boolean:
        rows_.set_boolean(i, column.boolean(row));
        break;
      case Type::float64:
        rows_.set_float64(i, column.float64s()[row]);
        break;
      case Type::date:
        rows_.set_date(i, column.dates()[row]);
        break;
      case Type::int64:
      case Type::timestamp:
        rows_.set_int64(i, column.int64s()[row]);
        break;
      case Type::text:
      case Type::binary:
        rows_.set_text(i, column.bytes_at(row));
        break;
    }
  }

  RowDecoder rows_;
};

}  // namespace

Schema raw_schema_of(const Schema& typed) {
  Schema raw = typed;
  for (Field& field : raw.fields) {
    field.role = field.role == Role::key ? Role::key : Role::attribute;
    field.nullable = true;
  }
  return raw;
}

std::unique_ptr<Lane> make_query_decoder(const Schema& typed) {
  return std::make_unique<QueryLane>(typed);
}

}  // namespace daymill::postgres
