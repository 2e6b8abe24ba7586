#include "run/load.hpp"

#include <memory>
#include <thread>

#include "run/bounded_queue.hpp"
#include "run/cancellation.hpp"
#include "run/combine.hpp"

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

/// Sums of the measures of one schema.
class MeasureSums {
 public:
  explicit MeasureSums(const Schema& schema) : columns_(schema.with_role(Role::measure)) {
    for (const std::size_t i : columns_) {
      sums_.push_back(Sum{schema.fields[i].name, 0});
    }
  }
  Status add(const RecordBatch& batch) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Column& column = batch.column(columns_[i]);
      if (column.null_count() == column.length()) {
        continue;
      }
      for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        if (!column.is_null(row) &&
            __builtin_add_overflow(sums_[i].value, column.int64s()[row], &sums_[i].value)) {
          return Status(Code::invalid_data,
                        "the sum of measure " + sums_[i].measure + " leaves int64");
        }
      }
    }
    return {};
  }
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }

 private:
  std::vector<std::size_t> columns_;
  std::vector<Sum> sums_;
};

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
      stages_.push_back(std::make_unique<Stage>(*this, stages_.size(), std::move(lane)));
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
  [[nodiscard]] const std::vector<Sum>& sums_out() const { return sums_out_.sums(); }
  [[nodiscard]] std::int64_t num_rejected() const { return num_rejected_; }

 private:
  struct Stage final : Emitter {
    Stage(TransformChain& owner, std::size_t at, std::unique_ptr<Lane> opened)
        : chain(owner), index(at), lane(std::move(opened)) {}
    Status emit(RecordBatch batch) override { return chain.put_at(index + 1, std::move(batch)); }
    Status reject(const Rejection& rejection) override { return chain.reject(*this, rejection); }

    TransformChain& chain;
    std::size_t index;
    std::unique_ptr<Lane> lane;
    std::shared_ptr<const RecordBatch> input;  // the batch being processed
  };

  Status put_at(std::size_t index, RecordBatch batch) {
    if (index < stages_.size()) {
      Stage& stage = *stages_[index];
      stage.input = std::make_shared<RecordBatch>(std::move(batch));
      return stage.lane->process(RecordBatch::share(stage.input), stage);
    }
    totals_.rows_out += batch.num_rows();
    DAYMILL_TRY(sums_out_.add(batch));
    return writer_.push(pipeline_.out_schema, std::move(batch));
  }

  Status reject(const Stage& stage, const Rejection& rejection) {
    ++num_rejected_;
    const BoundTransform& bound = pipeline_.transforms[stage.index];
    const bool known =
        stage.input != nullptr && rejection.row >= 0 && rejection.row < stage.input->num_rows();
    return rejects_.add(
        RejectRow{bound.plugin, 0,
                  known ? raw_row(bound.in, *stage.input, rejection.row) : std::string(),
                  std::string(rejection.reason), std::string(rejection.message)},
        rejection.measure, rejection.amount);
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

Status check_conservation(const BoundPipeline& pipeline, const std::vector<Sum>& decoded,
                          const LoadTotals& totals) {
  for (const BoundTransform& bound : pipeline.transforms) {
    if ((bound.capabilities & DAYMILL_TRANSFORM_KEEPS_ROWS) == 0) {
      return {};  // rows or measures may rightly differ; what is written is still checked against
                  // the target
    }
  }
  for (const Sum& out : totals.sums_out) {
    for (const Sum& in : decoded) {
      if (in.measure == out.measure && in.value != out.value) {
        return Status(Code::internal, "measure " + in.measure + " is not conserved: read " +
                                          std::to_string(in.value) + ", to be loaded " +
                                          std::to_string(out.value) + "; nothing was loaded");
      }
    }
  }
  return {};
}

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
  totals.rows_merged = rows_decoded - rows_combined;
  totals.rows_filtered = rows_combined - totals.rows_out - chain.num_rejected();
  totals.sums_out = chain.sums_out();
  totals.sums_read = decoded_sums.sums();
  DAYMILL_TRY(check_conservation(pipeline, totals.sums_read, totals));
  for (std::size_t i = 0; i < totals.sums_read.size() && i < rejects.sums().size(); ++i) {
    totals.sums_read[i].value += rejects.sums()[i].value;
  }
  DAYMILL_TRY(writer_thread.finish());
  return totals;
}

}  // namespace daymill
