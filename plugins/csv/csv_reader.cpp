#include "csv_reader.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace daymill::csv {

Schema raw_schema_of(const Schema& typed) {
  Schema raw;
  for (const Field& field : typed.fields) {
    const Role role = field.role == Role::key ? Role::key : Role::attribute;
    raw.fields.push_back(Field{field.name, Type::binary, role, true});
  }
  raw.fields.push_back(Field{"#line", Type::int64, Role::attribute, false});
  raw.fields.push_back(Field{"#surplus", Type::int64, Role::attribute, false});
  return raw;
}

CsvReader::CsvReader(InputFile file, CsvShape shape, Host host)
    : file_(std::move(file)),
      shape_(std::move(shape)),
      host_(host),
      parser_(shape_.delimiter, shape_.quote),
      chunk_(kChunkBytes),
      field_of_column_(shape_.typed.size()) {}

Result<ReadState> CsvReader::read(BatchBuilder& out) {
  if (host_.stop_requested()) {
    return Status(Code::cancelled, "stopped while reading").at(file_.path());
  }
  out_ = &out;
  DAYMILL_ASSIGN(const std::size_t size, file_.read(chunk_.data(), chunk_.size()));
  std::string_view bytes(chunk_.data(), size);
  if (std::exchange(at_start_, false) && bytes.substr(0, 3) == "\xEF\xBB\xBF") {
    bytes.remove_prefix(3);
  }
  Status status = parser_.feed(bytes, *this);
  const bool at_end = size < chunk_.size();
  if (status.ok() && problem_.ok() && at_end) {
    status = parser_.finish(*this);
  }
  if (!problem_.ok()) {
    return problem_;
  }
  DAYMILL_TRY(located(std::move(status)));
  if (at_end && !header_fields_) {
    return located(Status(Code::invalid_data, "the file is empty, expected a header line"));
  }
  return at_end ? ReadState::end : ReadState::more;
}

Result<Scan> CsvReader::confirm(std::int64_t /*distinct_rows*/) {
  return file_.unchanged() ? Scan::stable : Scan::changed;
}

Status CsvReader::located(Status status) const {
  return std::move(status).at(file_.path() + ":" + std::to_string(parser_.line()));
}

void CsvReader::row(std::int64_t line, const std::vector<CsvField>& fields) {
  if (!problem_.ok()) {
    return;
  }
  try {
    if (header_fields_) {
      append(line, fields);
    } else {
      problem_ = located(take_header(fields));
    }
  } catch (const std::exception& error) {
    problem_ = Status(Code::resource_exhausted, error.what()).at(file_.path());
  }
}

Status CsvReader::take_header(const std::vector<CsvField>& fields) {
  header_fields_ = fields.size();
  std::string extra;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string name = printable(fields[i].bytes, 64);
    header_text_ += (i == 0 ? "" : ", ") + name;
    const auto column = shape_.typed.index_of(fields[i].bytes);
    if (!column) {
      extra += (extra.empty() ? "\"" : ", \"") + name + "\"";
    } else if (field_of_column_[*column]) {
      return Status(Code::invalid_data, "the header names the column \"" + name + "\" twice");
    } else {
      field_of_column_[*column] = i;
    }
  }
  DAYMILL_TRY(check_columns());
  if (!extra.empty() && shape_.refuse_extra_columns) {
    return Status(Code::invalid_data, "the header has columns that are not declared: " + extra)
        .next("add them to `columns` or set `extra_columns` to \"ignore\"");
  }
  if (!extra.empty()) {
    host_.warn(file_.path() + ": columns that are not declared are ignored: " + extra);
  }
  return {};
}

Status CsvReader::check_columns() const {
  bool has_measure = false;
  bool declares_measure = false;
  for (std::size_t column = 0; column < shape_.typed.size(); ++column) {
    const Field& field = shape_.typed.fields[column];
    const bool found = field_of_column_[column].has_value();
    declares_measure |= field.role == Role::measure;
    has_measure |= field.role == Role::measure && found;
    if (!found && (field.role == Role::key || !shape_.may_lack_columns)) {
      return Status(Code::invalid_data, std::string("the header lacks the ") +
                                            role_name(field.role) + " column \"" + field.name +
                                            "\", found: " + header_text_);
    }
  }
  if (declares_measure && !has_measure) {
    return Status(Code::invalid_data,
                  "the header has none of the declared measures, found: " + header_text_);
  }
  return {};
}

void CsvReader::append(std::int64_t line, const std::vector<CsvField>& fields) {
  const std::size_t columns = shape_.typed.size();
  for (std::size_t column = 0; column < columns; ++column) {
    const auto index = field_of_column_[column];
    ColumnBuilder& builder = out_->column(column);
    if (!index || *index >= fields.size()) {
      builder.append_null();
    } else if (fields[*index].absent && shape_.typed.fields[column].role != Role::key) {
      builder.append_null();
    } else {
      builder.append_bytes(fields[*index].bytes);
    }
  }
  out_->column(columns).append_int64(line);
  out_->column(columns + 1)
      .append_int64(static_cast<std::int64_t>(fields.size()) -
                    static_cast<std::int64_t>(*header_fields_));
  out_->end_row();
}

}  // namespace daymill::csv
