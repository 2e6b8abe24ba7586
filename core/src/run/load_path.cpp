#include "run/load_path.hpp"

#include <utility>

namespace daymill {

/// Decodes what came of one input and takes it in.
class LoadPath::Decoder final : public Emitter {
 public:
  Decoder(LoadPath& path, LoadInput input, std::unique_ptr<Lane> lane)
      : path_(path), input_(std::move(input)), lane_(std::move(lane)) {}

  Status decode(RecordBatch raw, std::uint64_t until) {
    raw_ = std::make_shared<RecordBatch>(std::move(raw));
    until_ = until;
    return lane_->process(RecordBatch::share(raw_), *this);
  }
  Status finish() { return lane_->finish(*this); }

  Status emit(RecordBatch batch) override {
    path_.rows_decoded_ += batch.num_rows();
    DAYMILL_TRY(path_.sums_decoded_.add(batch));
    return path_.combines_ ? path_.table_.add(batch, until_) : path_.chain_.put(std::move(batch));
  }
  Status reject(const Rejection& rejection) override {
    if (rejection.row < 0 || raw_ == nullptr || rejection.row >= raw_->num_rows()) {
      return Status(Code::internal, "the decoder rejected row " + std::to_string(rejection.row) +
                                        ", which is not of its batch");
    }
    return path_.rejects_.add(
        RejectRow{input_.split, input_.generation, raw_row(input_.raw_schema, *raw_, rejection.row),
                  std::string(rejection.reason), std::string(rejection.message)},
        measure_number(rejection.measure), rejection.amount);
  }

 private:
  /// The lane counts measures by its output schema; rejects are summed in the order of the
  /// measures.
  [[nodiscard]] std::int32_t measure_number(std::int32_t column) const {
    const std::vector<std::size_t> measures =
        path_.pipeline_.source_schema.with_role(Role::measure);
    for (std::size_t i = 0; i < measures.size(); ++i) {
      if (column >= 0 && measures[i] == static_cast<std::size_t>(column)) {
        return static_cast<std::int32_t>(i);
      }
    }
    return -1;
  }

  LoadPath& path_;
  LoadInput input_;
  std::unique_ptr<Lane> lane_;
  std::shared_ptr<const RecordBatch> raw_;  // the batch being decoded
  std::uint64_t until_ = CombineTable::kLast;
};

LoadPath::LoadPath(BoundPipeline& pipeline, Writer& writer, RejectLog& rejects,
                   std::size_t memory_limit)
    : pipeline_(pipeline),
      rejects_(rejects),
      writer_(writer),
      chain_(pipeline, rejects, writer_),
      table_(pipeline.source_schema, memory_limit),
      combines_(!pipeline.source_schema.with_role(Role::key).empty()),
      sums_decoded_(pipeline.source_schema) {}

LoadPath::~LoadPath() = default;

Status LoadPath::open(const Partition& partition, std::vector<LoadInput> inputs) {
  DAYMILL_TRY(chain_.open(partition));
  for (LoadInput& input : inputs) {
    DAYMILL_ASSIGN(std::unique_ptr<Lane> lane, pipeline_.source->decoder(partition, input.split));
    decoders_.push_back(std::make_unique<Decoder>(*this, std::move(input), std::move(lane)));
  }
  return {};
}

Status LoadPath::decode(std::size_t input, RecordBatch raw, std::uint64_t until) {
  return decoders_[input]->decode(std::move(raw), until);
}

Status LoadPath::drain() {
  return table_.drain([this](RecordBatch batch) {
    rows_combined_ += batch.num_rows();
    return chain_.put(std::move(batch));
  });
}

Status LoadPath::drain_before(std::uint64_t complete, KeyHashes& keys) {
  return table_.drain_before(complete, keys, [this](RecordBatch batch) {
    rows_combined_ += batch.num_rows();
    return chain_.put(std::move(batch));
  });
}

Result<LoadTotals> LoadPath::finish_rows(std::int64_t rows_read) {
  for (const auto& decoder : decoders_) {
    DAYMILL_TRY(decoder->finish());
  }
  const std::int64_t rejected_by_decoders = rejects_.count() - chain_.num_rejected();
  if (rows_decoded_ + rejected_by_decoders != rows_read) {
    return Status(Code::internal,
                  "rows are not conserved by decoding: " + std::to_string(rows_read) + " read, " +
                      std::to_string(rows_decoded_) + " decoded, " +
                      std::to_string(rejected_by_decoders) + " rejected");
  }
  DAYMILL_TRY(chain_.finish());
  DAYMILL_TRY(rejects_.check_share(rows_read));

  LoadTotals totals;
  const std::int64_t rows_combined = combines_ ? rows_combined_ : rows_decoded_;
  totals.rows_read = rows_read;
  totals.rows_out = chain_.rows_out();
  totals.rows_merged = rows_decoded_ - rows_combined + chain_.num_merged();
  totals.rows_filtered =
      rows_combined - chain_.num_merged() - totals.rows_out - chain_.num_rejected();
  totals.sums_out = chain_.sums_out();
  totals.sums_read = sums_decoded_.sums();
  DAYMILL_TRY(chain_.check(sums_decoded_));
  for (std::size_t i = 0; i < totals.sums_read.size() && i < rejects_.sums().size(); ++i) {
    Sum& read = totals.sums_read[i];  // what transforms rejected was read before
    read.value += rejects_.sums()[i].value - chain_.sum_rejected(read.measure);
  }
  return totals;
}

}  // namespace daymill
