#include "certify/row_bag.hpp"

#include <algorithm>

#include "daymill/value.hpp"

namespace daymill {

namespace {

std::string value_text(const Field& field, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    return "null";
  }
  switch (field.type) {
    case Type::boolean:
      return column.boolean(row) ? "true" : "false";
    case Type::int64:
      return std::to_string(column.int64s()[row]);
    case Type::timestamp:
      return timestamp_text(column.int64s()[row]);
    case Type::float64:
      return float64_text(column.float64s()[row]);
    case Type::date:
      return date_text(column.dates()[row]);
    case Type::text:
    case Type::binary:
      return '"' + printable(column.bytes_at(row), column.bytes_at(row).size()) + '"';
  }
  return "";
}

}  // namespace

void RowBag::add(const Schema& schema, const RecordBatch& batch) {
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    std::string line;
    for (std::size_t i = 0; i < schema.size(); ++i) {
      line += (i == 0 ? "" : ", ") + schema.fields[i].name + " " +
              value_text(schema.fields[i], batch.column(i), row);
    }
    lines_.push_back(std::move(line));
  }
  rows_ += batch.num_rows();
}

void RowBag::add(const Rejection& rejection) {
  lines_.push_back("rejected: " + std::string(rejection.reason) + ", measure " +
                   std::to_string(rejection.measure) + " amount " +
                   std::to_string(rejection.amount));
  ++rejected_;
}

void RowBag::add(const RowBag& other) {
  lines_.insert(lines_.end(), other.lines_.begin(), other.lines_.end());
  rows_ += other.rows_;
  rejected_ += other.rejected_;
}

void RowBag::make_distinct() {
  std::sort(lines_.begin(), lines_.end());
  lines_.erase(std::unique(lines_.begin(), lines_.end()), lines_.end());
  rows_ = static_cast<std::int64_t>(lines_.size()) - rejected_;
}

Status RowBag::same_as(const RowBag& other, const std::string& what) const {
  std::vector<std::string> mine = lines_;
  std::vector<std::string> theirs = other.lines_;
  std::sort(mine.begin(), mine.end());
  std::sort(theirs.begin(), theirs.end());
  if (mine == theirs) {
    return {};
  }
  std::vector<std::string> only_mine;
  std::vector<std::string> only_theirs;
  std::set_difference(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                      std::back_inserter(only_mine));
  std::set_difference(theirs.begin(), theirs.end(), mine.begin(), mine.end(),
                      std::back_inserter(only_theirs));
  // What is equal at the start of both is left out.
  const std::string a = only_mine.empty() ? "nothing" : only_mine.front();
  const std::string b = only_theirs.empty() ? "nothing" : only_theirs.front();
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  const std::size_t comma = a.rfind(", ", static_cast<std::size_t>(differ));
  const auto shown = [comma](const std::string& line) {
    return comma == std::string::npos ? "(" + line.substr(0, 200) + ")"
                                      : "(..." + line.substr(comma, 200) + ")";
  };
  return Status(Code::internal, what + ": " + std::to_string(mine.size()) + " rows against " +
                                    std::to_string(theirs.size()) + "; only here " + shown(a) +
                                    ", only there " + shown(b));
}

Status BagEmitter::emit(RecordBatch batch) {
  const std::vector<std::size_t> measures = schema_.with_role(Role::measure);
  sums.resize(measures.size());
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const Column& column = batch.column(measures[i]);
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      sums[i] += column.is_null(row) ? 0 : column.int64s()[row];
    }
  }
  bag.add(schema_, batch);
  return {};
}

Status BagEmitter::reject(const Rejection& rejection) {
  bag.add(rejection);
  return {};
}

}  // namespace daymill
