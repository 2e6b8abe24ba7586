#include "my_plugin.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using daymill::Code;
using daymill::Result;
using daymill::Status;

/// Characters of valid UTF-8: every byte that does not continue one.
std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; });
}

class LengthLane final : public daymill::Lane {
 public:
  explicit LengthLane(std::size_t index) : index_(index) {}

  Status process(daymill::RecordBatch in, daymill::Emitter& out) override {
    const std::int64_t rows = in.num_rows();
    daymill::ColumnBuilder lengths(daymill::Type::int64);
    for (std::int64_t row = 0; row < rows; ++row) {
      if (in.column(index_).is_null(row)) {
        lengths.append_null();
      } else {
        lengths.append_int64(characters(in.column(index_).bytes_at(row)));
      }
    }
    // The other columns go on as they are, without a copy.
    std::vector<daymill::Column> columns = in.release_columns();
    columns.push_back(lengths.finish());
    return out.emit(daymill::RecordBatch(rows, std::move(columns)));
  }

 private:
  std::size_t index_;
};

}  // namespace

daymill::ConfigSpec MyPlugin::spec() {
  return daymill::ConfigSpec("Adds the number of characters of a text column")
      .add(daymill::text_field("column", "Text column to measure")
               .required()
               .example("\"search_word\""))
      .add(daymill::text_field("as", "Name of the new int64 column").defaults_to("length"));
}

Result<std::unique_ptr<daymill::Transform>> MyPlugin::create(const daymill::Config& config,
                                                             daymill::Host /*host*/) {
  if (config.text("column").empty() || config.text("as").empty()) {
    return Status(Code::invalid_config, "column or as is empty, expected the names of columns");
  }
  return std::make_unique<MyPlugin>(config.text("column"), config.text("as"));
}

MyPlugin::MyPlugin(std::string column, std::string as)
    : column_(std::move(column)), as_(std::move(as)) {}

Result<daymill::Schema> MyPlugin::bind(const daymill::Schema& in) {
  const auto index = in.index_of(column_);
  if (!index) {
    return Status(Code::schema_mismatch,
                  "found no column " + column_ + ", expected a text column of that name");
  }
  if (in.fields[*index].type != daymill::Type::text) {
    return Status(Code::schema_mismatch, "column " + column_ + " has the type " +
                                             daymill::type_name(in.fields[*index].type) +
                                             ", expected text");
  }
  if (in.index_of(as_)) {
    return Status(Code::schema_mismatch, "column " + as_ + " is there already")
        .next("choose another name with \"as\"");
  }
  index_ = *index;
  daymill::Schema out = in;
  out.fields.push_back(daymill::Field{as_, daymill::Type::int64, daymill::Role::attribute,
                                      in.fields[index_].nullable});
  return out;
}

Result<std::unique_ptr<daymill::Lane>> MyPlugin::open(const daymill::Partition& /*partition*/) {
  return std::make_unique<LengthLane>(index_);
}

DAYMILL_PLUGIN("my_plugin", "0.1.0",
               daymill::transform<MyPlugin>("my_plugin", MyPlugin::spec(),
                                            DAYMILL_TRANSFORM_ROW_WISE |
                                                DAYMILL_TRANSFORM_KEEPS_ROWS));
