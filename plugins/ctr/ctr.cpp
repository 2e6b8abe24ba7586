#include "ctr.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace daymill::ctr {
namespace {

class CtrLane final : public Lane {
 public:
  CtrLane(std::size_t clicks, std::size_t impressions, std::string label, Host host)
      : clicks_(clicks), impressions_(impressions), label_(std::move(label)), host_(host) {}

  Status process(RecordBatch in, Emitter& out) override {
    const std::int64_t rows = in.num_rows();
    Column ratio = ratio_of(in.column(clicks_), in.column(impressions_), rows);
    std::vector<Column> columns = in.release_columns();
    columns.push_back(std::move(ratio));
    return out.emit(RecordBatch(rows, std::move(columns)));
  }

  Status finish(Emitter& /*out*/) override {
    if (above_one_ != 0) {
      host_.warn(std::to_string(above_one_) + (above_one_ == 1 ? " row has" : " rows have") +
                 " more clicks than impressions in partition " + label_);
    }
    return {};
  }

 private:
  Column ratio_of(const Column& clicks, const Column& impressions, std::int64_t rows) {
    ColumnBuilder ratio(Type::float64);
    const std::int64_t* clicked = clicks.int64s();
    const std::int64_t* shown = impressions.int64s();
    for (std::int64_t row = 0; row < rows; ++row) {
      if (clicks.is_null(row) || impressions.is_null(row)) {
        ratio.append_null();
        continue;
      }
      above_one_ += clicked[row] > shown[row] ? 1 : 0;
      if (shown[row] == 0) {
        ratio.append_null();
      } else {
        ratio.append_float64(static_cast<double>(clicked[row]) / static_cast<double>(shown[row]));
      }
    }
    return ratio.finish();
  }

  std::size_t clicks_;
  std::size_t impressions_;
  std::string label_;
  Host host_;
  std::int64_t above_one_ = 0;
};

}  // namespace

ConfigSpec Ctr::spec() {
  return ConfigSpec("Adds the click-through rate, clicks / impressions")
      .add(text_field("clicks", "int64 column with the number of clicks").defaults_to("clicks"))
      .add(text_field("impressions", "int64 column with the number of impressions")
               .defaults_to("impressions"))
      .add(text_field("as", "Name of the new float64 column; null where impressions are 0")
               .defaults_to("ctr"));
}

Result<std::unique_ptr<Transform>> Ctr::create(const Config& config, Host host) {
  for (const char* setting : {"clicks", "impressions", "as"}) {
    if (config.text(setting).empty()) {
      return Status(Code::invalid_config,
                    std::string("found an empty `") + setting + "`, expected the name of a column");
    }
  }
  return std::unique_ptr<Transform>(new Ctr(config, host));
}

Ctr::Ctr(const Config& config, Host host)
    : clicks_name_(config.text("clicks")),
      impressions_name_(config.text("impressions")),
      ctr_name_(config.text("as")),
      host_(host) {}

Result<std::size_t> Ctr::find_count(const Schema& in, const char* setting,
                                    const std::string& name) const {
  const auto index = in.index_of(name);
  if (!index) {
    std::string columns;
    for (const Field& field : in.fields) {
      columns += (columns.empty() ? "" : ", ") + field.name;
    }
    return Status(Code::schema_mismatch, std::string("ctr: the column \"") + name +
                                             "\" of the setting `" + setting +
                                             "` does not exist, expected one of: " + columns);
  }
  const Type type = in.fields[*index].type;
  if (type != Type::int64) {
    return Status(Code::schema_mismatch,
                  "ctr: column \"" + name + "\" is " + type_name(type) + ", expected int64");
  }
  return *index;
}

Result<Schema> Ctr::bind(const Schema& in) {
  DAYMILL_ASSIGN(clicks_, find_count(in, "clicks", clicks_name_));
  DAYMILL_ASSIGN(impressions_, find_count(in, "impressions", impressions_name_));
  if (in.index_of(ctr_name_)) {
    return Status(Code::schema_mismatch,
                  "ctr: the rows have a column \"" + ctr_name_ + "\" already")
        .next("choose another name with the setting `as`");
  }
  Schema out = in;
  out.fields.push_back(Field{ctr_name_, Type::float64, Role::attribute, true});
  return out;
}

Result<std::unique_ptr<Lane>> Ctr::open(const Partition& partition) {
  return std::unique_ptr<Lane>(
      std::make_unique<CtrLane>(clicks_, impressions_, partition.label, host_));
}

}  // namespace daymill::ctr
