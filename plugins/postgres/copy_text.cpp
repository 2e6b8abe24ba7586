#include <cmath>
#include <cstring>

#include "copy_encoder.hpp"
#include "daymill/value.hpp"

namespace daymill::postgres {
namespace {

constexpr std::int64_t kUnixJulianDay = 2440588;  // 1970-01-01; PostgreSQL reads days as "J2440588"

std::string julian(std::int64_t days) {
  return "J" + std::to_string(days + kUnixJulianDay);
}

// "J2440588 00:00:01.000002+00"
std::string timestamp_text(std::int64_t microseconds) {
  constexpr std::int64_t kDay = 86400LL * 1'000'000;
  std::int64_t days = microseconds / kDay;
  std::int64_t rest = microseconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const std::int64_t parts[] = {rest / 3'600'000'000, rest / 60'000'000 % 60, rest / 1'000'000 % 60,
                                rest % 1'000'000};
  char clock[40];
  std::snprintf(clock, sizeof clock, " %02d:%02d:%02d.%06d+00", static_cast<int>(parts[0]),
                static_cast<int>(parts[1]), static_cast<int>(parts[2]), static_cast<int>(parts[3]));
  return julian(days) + clock;
}

std::string float_text(double value) {
  if (std::isfinite(value)) {
    return float64_text(value);
  }
  return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

void append_escaped(std::string& line, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        line += "\\\\";
        break;
      case '\t':
        line += "\\t";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\r':
        line += "\\r";
        break;
      default:
        line += c;
    }
  }
}

void append_cell(std::string& line, const Column& column, Type type, std::int64_t row) {
  if (column.is_null(row)) {
    line += "\\N";
    return;
  }
  switch (type) {
    case Type::int64:
      line += std::to_string(column.int64s()[row]);
      break;
    case Type::float64:
      line += float_text(column.float64s()[row]);
      break;
    case Type::boolean:
      line += column.boolean(row) ? 't' : 'f';
      break;
    case Type::date:
      line += julian(column.dates()[row]);
      break;
    case Type::timestamp:
      line += timestamp_text(column.int64s()[row]);
      break;
    case Type::text:
      append_escaped(line, column.bytes_at(row));
      break;
    case Type::binary:
      append_escaped(line, bytea_text(column.bytes_at(row)));
      break;
  }
}

class TextEncoder final : public CopyEncoder {
 public:
  TextEncoder(std::vector<BoundColumn> columns, std::int32_t partition_day)
      : columns_(std::move(columns)), date_(date_text(partition_day)) {}

  [[nodiscard]] const char* format() const override { return "text"; }
  void begin(CopyBuffer& /*out*/) const override {}
  void end(CopyBuffer& /*out*/) const override {}
  Result<std::int64_t> append(const RecordBatch& batch, std::int64_t row,
                              CopyBuffer& out) const override {
    std::string line;
    for (; row < batch.num_rows() && !out.is_full(); ++row) {
      line = date_;
      for (std::size_t i = 1; i < columns_.size(); ++i) {
        line += '\t';
        append_cell(line, batch.column(columns_[i].source), columns_[i].type, row);
      }
      line += '\n';
      char* place = out.reserve(line.size());
      std::memcpy(place, line.data(), line.size());
      out.advance_to(place + line.size());
    }
    return row;
  }

 private:
  std::vector<BoundColumn> columns_;  // the first is the partition's date
  std::string date_;
};

}  // namespace

std::unique_ptr<CopyEncoder> make_text_encoder(std::vector<BoundColumn> columns,
                                               std::int32_t partition_day) {
  return std::make_unique<TextEncoder>(std::move(columns), partition_day);
}

}  // namespace daymill::postgres
