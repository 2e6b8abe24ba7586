#include "run/load.hpp"

#include <memory>
#include <thread>

#include "run/bounded_queue.hpp"
#include "run/cancellation.hpp"
#include "run/combine.hpp"
#include "run/measure_sums.hpp"

namespace daymill {

namespace {

constexpr std::size_t kQueueBytes = std::size_t{8} << 20;

std::size_t byte_size(const Schema& schema, const RecordBatch& batch) {
  const auto rows = static_cast<std::size_t>(batch.num_rows());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const bool var_length =
        schema.fields[i].type == Type::text || schema.fields[i].type == Type::binary;
    bytes += var_length ? rows * sizeof(std::int32_t) +
                              static_cast<std::size_t>(batch.column(i).offsets()[rows])
                        : rows * 8;
  }
  return bytes;
}

/// Runs the writer on its own thread behind a bounded queue.
class WriterThread {
 public:
  explicit WriterThread(Writer& writer)
      : writer_(writer), queue_(kQueueBytes), thread_([this] { work(); }) {}
  ~WriterThread() { queue_.close(); }

  Status push(const Schema& schema, RecordBatch batch) {
    const std::size_t bytes = byte_size(schema, batch);
    if (!queue_.push(std::move(batch), bytes)) {
      thread_.join();
      return status_;
    }
    return {};
  }
  /// After the last batch: waits until all are written and finishes the writer.
  Status finish() {
    queue_.close();
    if (thread_.joinable()) {
      thread_.join();
    }
    return status_.ok() ? writer_.finish() : status_;
  }

 private:
  void work() {
    while (auto batch = queue_.pop()) {
      status_ = writer_.write(std::move(*batch));
      if (!status_.ok()) {
        queue_.close();
        return;
      }
    }
  }

  Writer& writer_;
  BoundedQueue<RecordBatch> queue_;
  Status status_;  // written by the thread, read after it was joined
  std::jthread thread_;
};

/// The transforms of a pipeline as one: what is emitted to stage i goes into lane i, what leaves
/// the last lane goes to the writer.
class TransformChain {
 public:
  TransformChain(BoundPipeline& pipeline, RejectLog& rejects, WriterThread& writer,
                 LoadTotals& totals)
      : pipeline_(pipeline),
        rejects_(rejects),
        writer_(writer),
        totals_(totals),
        sums_out_(pipeline.out_schema) {}

  Status open(const Partition& partition) {
    for (BoundTransform& bound : pipeline_.transforms) {
      DAYMILL_ASSIGN(std::unique_ptr<Lane> lane, bound.transform->open(partition));
      stages_.push_back(std::make_unique<Stage>(*this, stages_.size(), std::move(lane), bound.in));
    }
    return {};
  }
  Status put(RecordBatch batch) { return put_at(0, std::move(batch)); }
  Status finish() {
    for (auto& stage : stages_) {
      DAYMILL_TRY(stage->lane->finish(*stage));
    }
    return {};
  }
  /// After finish(): combining and each transform that promises it conserved `decoded`.
  [[nodiscard]] Status check(const MeasureSums& decoded) const {
    DAYMILL_TRY(check_conservation(decoded, sums_before(0), nullptr, "combine"));
    for (const auto& stage : stages_) {
      const BoundTransform& bound = pipeline_.transforms[stage->index];
      if ((bound.capabilities & (DAYMILL_TRANSFORM_KEEPS_ROWS | DAYMILL_TRANSFORM_KEEPS_SUMS)) !=
          0) {
        DAYMILL_TRY(check_conservation(
            stage->sums_in, sums_before(stage->index + 1), &stage->sums_rejected,
            "transform " + std::to_string(stage->index + 1) + ", " + bound.plugin));
      }
    }
    return {};
  }
  [[nodiscard]] const std::vector<Sum>& sums_out() const { return sums_out_.sums(); }
  [[nodiscard]] std::int64_t num_rejected() const { return num_rejected_; }
  /// Rows that transforms made part of other rows: those that keep sums while they drop rows.
  [[nodiscard]] std::int64_t num_merged() const {
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
  /// What rejected rows would have brought to a measure of the source.
  [[nodiscard]] std::int64_t sum_rejected(const std::string& measure) const {
    std::int64_t sum = 0;
    for (const auto& stage : stages_) {
      sum += stage->sums_rejected.of(measure);
    }
    return sum;
  }

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
    return index < stages_.size() ? stages_[index]->rows_in : totals_.rows_out;
  }

  Status put_at(std::size_t index, RecordBatch batch) {
    if (index < stages_.size()) {
      Stage& stage = *stages_[index];
      stage.rows_in += batch.num_rows();
      DAYMILL_TRY(stage.sums_in.add(batch));
      stage.input = std::make_shared<RecordBatch>(std::move(batch));
      return stage.lane->process(RecordBatch::share(stage.input), stage);
    }
    totals_.rows_out += batch.num_rows();
    DAYMILL_TRY(sums_out_.add(batch));
    return writer_.push(pipeline_.out_schema, std::move(batch));
  }

  Status reject(Stage& stage, const Rejection& rejection) {
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

  BoundPipeline& pipeline_;
  RejectLog& rejects_;
  WriterThread& writer_;
  LoadTotals& totals_;
  MeasureSums sums_out_;
  std::int64_t num_rejected_ = 0;
  std::vector<std::unique_ptr<Stage>> stages_;
};

/// Decoded rows of one snapshot: on to the table, or straight on when there is nothing to combine
/// by.
class DecodedRows final : public Emitter {
 public:
  DecodedRows(const SnapshotFile& file, const BoundPipeline& pipeline, CombineTable* table,
              TransformChain& chain, MeasureSums& sums, RejectLog& rejects)
      : file_(file),
        pipeline_(pipeline),
        table_(table),
        chain_(chain),
        sums_(sums),
        rejects_(rejects) {}

  Status decode(Lane& decoder, RecordBatch raw) {
    raw_ = std::make_shared<RecordBatch>(std::move(raw));
    return decoder.process(RecordBatch::share(raw_), *this);
  }
  Status emit(RecordBatch batch) override {
    num_rows_ += batch.num_rows();
    DAYMILL_TRY(sums_.add(batch));
    return table_ != nullptr ? table_->add(batch) : chain_.put(std::move(batch));
  }
  Status reject(const Rejection& rejection) override {
    // The lane counts measures by its output schema; rejects are summed in the order of the
    // measures.
    std::int32_t measure = -1;
    const std::vector<std::size_t> measures = pipeline_.source_schema.with_role(Role::measure);
    for (std::size_t i = 0; i < measures.size(); ++i) {
      if (rejection.measure >= 0 && measures[i] == static_cast<std::size_t>(rejection.measure)) {
        measure = static_cast<std::int32_t>(i);
      }
    }
    if (rejection.row < 0 || rejection.row >= raw_->num_rows()) {
      return Status(Code::internal, "the decoder rejected row " + std::to_string(rejection.row) +
                                        " of a batch of " + std::to_string(raw_->num_rows()));
    }
    return rejects_.add(RejectRow{file_.manifest().split, file_.manifest().generation,
                                  raw_row(file_.manifest().raw_schema, *raw_, rejection.row),
                                  std::string(rejection.reason), std::string(rejection.message)},
                        measure, rejection.amount);
  }
  [[nodiscard]] std::int64_t num_rows() const { return num_rows_; }

 private:
  const SnapshotFile& file_;
  const BoundPipeline& pipeline_;
  CombineTable* table_;
  TransformChain& chain_;
  MeasureSums& sums_;
  RejectLog& rejects_;
  std::shared_ptr<const RecordBatch> raw_;
  std::int64_t num_rows_ = 0;
};

}  // namespace

Result<LoadTotals> load(BoundPipeline& pipeline, const Partition& partition,
                        std::vector<SnapshotFile>& snapshots, Writer& writer, RejectLog& rejects,
                        std::size_t memory_limit, RunObserver& observer) {
  LoadTotals totals;
  MeasureSums decoded_sums(pipeline.source_schema);
  WriterThread writer_thread(writer);
  TransformChain chain(pipeline, rejects, writer_thread, totals);
  DAYMILL_TRY(chain.open(partition));

  const bool combines = !pipeline.source_schema.with_role(Role::key).empty();
  CombineTable table(pipeline.source_schema, memory_limit);
  std::vector<std::unique_ptr<Lane>> decoders;
  std::vector<std::unique_ptr<DecodedRows>> decoded;
  for (SnapshotFile& file : snapshots) {
    totals.rows_read += file.manifest().rows;
    DAYMILL_ASSIGN(std::unique_ptr<Lane> decoder,
                   pipeline.source->decoder(partition, file.manifest().split));
    decoders.push_back(std::move(decoder));
    decoded.push_back(std::make_unique<DecodedRows>(file, pipeline, combines ? &table : nullptr,
                                                    chain, decoded_sums, rejects));
  }

  std::int64_t rows_combined = 0;
  for (int bucket = 0; bucket < kSnapshotBuckets; ++bucket) {
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
      DAYMILL_TRY(snapshots[i].read_bucket(bucket, [&](RecordBatch raw) {
        if (cancellation::requested()) {
          return cancellation::status();
        }
        observer.rows_done(raw.num_rows());
        return decoded[i]->decode(*decoders[i], std::move(raw));
      }));
    }
    rows_combined += table.num_keys();
    DAYMILL_TRY(table.drain([&](RecordBatch batch) { return chain.put(std::move(batch)); }));
  }
  std::int64_t rows_decoded = 0;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    DAYMILL_TRY(decoders[i]->finish(*decoded[i]));
    rows_decoded += decoded[i]->num_rows();
  }
  const std::int64_t rejected_by_decoders = rejects.count() - chain.num_rejected();
  if (rows_decoded + rejected_by_decoders != totals.rows_read) {
    return Status(Code::internal,
                  "rows are not conserved by decoding: " + std::to_string(totals.rows_read) +
                      " read, " + std::to_string(rows_decoded) + " decoded, " +
                      std::to_string(rejected_by_decoders) + " rejected");
  }
  DAYMILL_TRY(chain.finish());
  DAYMILL_TRY(rejects.check_share(totals.rows_read));

  if (!combines) {
    rows_combined = rows_decoded;
  }
  totals.rows_merged = rows_decoded - rows_combined + chain.num_merged();
  totals.rows_filtered =
      rows_combined - chain.num_merged() - totals.rows_out - chain.num_rejected();
  totals.sums_out = chain.sums_out();
  totals.sums_read = decoded_sums.sums();
  DAYMILL_TRY(chain.check(decoded_sums));
  for (std::size_t i = 0; i < totals.sums_read.size() && i < rejects.sums().size(); ++i) {
    Sum& read = totals.sums_read[i];  // what transforms rejected was read before
    read.value += rejects.sums()[i].value - chain.sum_rejected(read.measure);
  }
  DAYMILL_TRY(writer_thread.finish());
  return totals;
}

}  // namespace daymill
