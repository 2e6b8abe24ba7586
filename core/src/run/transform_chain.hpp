// The transforms of a pipeline at work as one: what is emitted to stage i goes into lane i, what
// leaves the last lane goes to the writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/bound_pipeline.hpp"
#include "run/measure_sums.hpp"
#include "run/reject_log.hpp"
#include "run/writer_thread.hpp"

namespace daymill {

/// open → put... → finish → check. One thread at a time.
class TransformChain {
 public:
  TransformChain(BoundPipeline& pipeline, RejectLog& rejects, WriterThread& writer)
      : pipeline_(pipeline), rejects_(rejects), writer_(writer), sums_out_(pipeline.out_schema) {}

  Status open(const Partition& partition);
  Status put(RecordBatch batch) { return put_at(0, std::move(batch)); }
  Status finish();
  /// After finish(): combining and each transform that promises it conserved `decoded`. A breach is
  /// INTERNAL with both sums.
  [[nodiscard]] Status check(const MeasureSums& decoded) const;

  [[nodiscard]] std::int64_t rows_out() const { return rows_out_; }
  [[nodiscard]] const std::vector<Sum>& sums_out() const { return sums_out_.sums(); }
  [[nodiscard]] std::int64_t num_rejected() const { return num_rejected_; }
  /// Rows that transforms made part of other rows: those that keep sums while they drop rows.
  [[nodiscard]] std::int64_t num_merged() const;
  /// What rejected rows would have brought to a measure of the source.
  [[nodiscard]] std::int64_t sum_rejected(const std::string& measure) const;

 private:
  struct Stage final : Emitter {
    Stage(TransformChain& owner, std::size_t at, std::unique_ptr<Lane> opened, const Schema& in)
        : chain(owner), index(at), lane(std::move(opened)), sums_in(in), sums_rejected(in) {}
    Status emit(RecordBatch batch) override { return chain.put_at(index + 1, std::move(batch)); }
    Status reject(const Rejection& rejection) override { return chain.reject(*this, rejection); }

    TransformChain& chain;
    std::size_t index;
    std::unique_ptr<Lane> lane;
    std::shared_ptr<const RecordBatch> input;  // the batch being processed
    std::int64_t rows_in = 0;
    std::int64_t rows_rejected = 0;
    MeasureSums sums_in;
    MeasureSums sums_rejected;  // of the rows of the input that the transform rejected
  };

  /// Of what reached stage `index`, or the writer.
  [[nodiscard]] const MeasureSums& sums_before(std::size_t index) const {
    return index < stages_.size() ? stages_[index]->sums_in : sums_out_;
  }
  [[nodiscard]] std::int64_t rows_before(std::size_t index) const {
    return index < stages_.size() ? stages_[index]->rows_in : rows_out_;
  }
  Status put_at(std::size_t index, RecordBatch batch);
  Status reject(Stage& stage, const Rejection& rejection);

  BoundPipeline& pipeline_;
  RejectLog& rejects_;
  WriterThread& writer_;
  std::int64_t rows_out_ = 0;
  MeasureSums sums_out_;
  std::int64_t num_rejected_ = 0;
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace daymill
