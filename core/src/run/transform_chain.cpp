#include "run/transform_chain.hpp"

#include <utility>

namespace daymill {

Status TransformChain::open(const Partition& partition) {
  for (BoundTransform& bound : pipeline_.transforms) {
    DAYMILL_ASSIGN(std::unique_ptr<Lane> lane, bound.transform->open(partition));
    stages_.push_back(std::make_unique<Stage>(*this, stages_.size(), std::move(lane), bound.in));
  }
  return {};
}

Status TransformChain::finish() {
  for (auto& stage : stages_) {
    DAYMILL_TRY(stage->lane->finish(*stage));
  }
  return {};
}

Status TransformChain::check(const MeasureSums& decoded) const {
  DAYMILL_TRY(check_conservation(decoded, sums_before(0), nullptr, "combine"));
  for (const auto& stage : stages_) {
    const BoundTransform& bound = pipeline_.transforms[stage->index];
    if ((bound.capabilities & (DAYMILL_TRANSFORM_KEEPS_ROWS | DAYMILL_TRANSFORM_KEEPS_SUMS)) != 0) {
      DAYMILL_TRY(check_conservation(
          stage->sums_in, sums_before(stage->index + 1), &stage->sums_rejected,
          "transform " + std::to_string(stage->index + 1) + ", " + bound.plugin));
    }
  }
  return {};
}

std::int64_t TransformChain::num_merged() const {
  std::int64_t merged = 0;
  for (const auto& stage : stages_) {
    constexpr std::uint32_t kMerges = DAYMILL_TRANSFORM_KEEPS_SUMS;
    constexpr std::uint32_t kEither = kMerges | DAYMILL_TRANSFORM_ROW_WISE;
    if ((pipeline_.transforms[stage->index].capabilities & kEither) == kMerges) {
      merged += stage->rows_in - stage->rows_rejected - rows_before(stage->index + 1);
    }
  }
  return merged;
}

std::int64_t TransformChain::sum_rejected(const std::string& measure) const {
  std::int64_t sum = 0;
  for (const auto& stage : stages_) {
    sum += stage->sums_rejected.of(measure);
  }
  return sum;
}

Status TransformChain::put_at(std::size_t index, RecordBatch batch) {
  if (index < stages_.size()) {
    Stage& stage = *stages_[index];
    stage.rows_in += batch.num_rows();
    DAYMILL_TRY(stage.sums_in.add(batch));
    stage.input = std::make_shared<RecordBatch>(std::move(batch));
    return stage.lane->process(RecordBatch::share(stage.input), stage);
  }
  rows_out_ += batch.num_rows();
  DAYMILL_TRY(sums_out_.add(batch));
  return writer_.push(pipeline_.out_schema, std::move(batch));
}

Status TransformChain::reject(Stage& stage, const Rejection& rejection) {
  if (stage.input == nullptr || rejection.row < 0 || rejection.row >= stage.input->num_rows()) {
    return Status(Code::internal, "a transform rejected row " + std::to_string(rejection.row) +
                                      ", which is not of its batch");
  }
  ++num_rejected_;
  ++stage.rows_rejected;
  const BoundTransform& bound = pipeline_.transforms[stage.index];
  DAYMILL_TRY(stage.sums_rejected.add_row(*stage.input, rejection.row));
  DAYMILL_TRY(
      rejects_.add(RejectRow{bound.plugin, 0, raw_row(bound.in, *stage.input, rejection.row),
                             std::string(rejection.reason), std::string(rejection.message)},
                   -1, 0));
  for (const std::size_t measure : bound.in.with_role(Role::measure)) {
    const Column& column = stage.input->column(measure);
    if (!column.is_null(rejection.row)) {
      DAYMILL_TRY(
          rejects_.add_amount(bound.in.fields[measure].name, column.int64s()[rejection.row]));
    }
  }
  return {};
}

}  // namespace daymill
