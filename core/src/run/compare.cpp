#include "run/compare.hpp"

#include "daymill/value.hpp"
#include "run/combine.hpp"
#include "run/reject_log.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

namespace {

/// Decoded rows go into a table; rejections are dropped here, the load reports them.
class TableEmitter final : public Emitter {
 public:
  explicit TableEmitter(CombineTable& table) : table_(table) {}
  Status emit(RecordBatch batch) override { return table_.add(batch); }
  Status reject(const Rejection& /*rejection*/) override { return {}; }

 private:
  CombineTable& table_;
};

Status fill(CombineTable& table, SnapshotFile& file, Lane& decoder, int bucket) {
  TableEmitter emitter(table);
  return file.read_bucket(
      bucket, [&](RecordBatch raw) { return decoder.process(std::move(raw), emitter); });
}

/// Rows and sums of the measures of one reading.
class ReadingSums {
 public:
  explicit ReadingSums(const Schema& schema)
      : schema_(schema), columns_(schema.with_role(Role::measure)), sums_(columns_.size()) {}
  void add(const RecordBatch& rows) {
    rows_ += rows.num_rows();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
        sums_[i] += rows.column(columns_[i]).int64s()[row];
      }
    }
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (sums_[i] != 0) {  // a split carries some of the measures only
        text += schema_.fields[columns_[i]].name + " " + std::to_string(sums_[i]) + " ";
      }
    }
    return text + "in " + std::to_string(rows_) + " rows";
  }

 private:
  const Schema& schema_;
  std::vector<std::size_t> columns_;
  std::vector<std::int64_t> sums_;  // each fits, or it would not have been loaded
  std::int64_t rows_ = 0;
};

/// What is smaller in `newer`, in words; empty when nothing is.
std::string first_loss(const Schema& schema, CombineTable& newer, const RecordBatch& older) {
  for (std::int64_t row = 0; row < older.num_rows(); ++row) {
    const std::int64_t* values = newer.find(older, row);
    for (std::size_t i = 0; i < newer.measures().size(); ++i) {
      const std::int64_t before = older.column(newer.measures()[i]).int64s()[row];
      const std::int64_t now = values == nullptr ? 0 : values[i];
      if (now < before || (values == nullptr && before == 0 && i == 0)) {
        return "row \"" + printable(raw_row(schema, older, row), 120) +
               "\": " + schema.fields[newer.measures()[i]].name + " was " + std::to_string(before) +
               ", now " + (values == nullptr ? "the field is gone" : std::to_string(now));
      }
    }
  }
  return {};
}

}  // namespace

Result<Comparison> compare_readings(BoundPipeline& pipeline, const Partition& partition,
                                    const StoredSnapshot& older, const StoredSnapshot& newer,
                                    std::size_t memory_limit) {
  if (older.manifest.fingerprint == newer.manifest.fingerprint) {
    return Comparison{};
  }
  DAYMILL_ASSIGN(SnapshotFile older_file, SnapshotFile::open(older.path));
  DAYMILL_ASSIGN(SnapshotFile newer_file, SnapshotFile::open(newer.path));
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> older_decoder,
                 pipeline.source->decoder(partition, older.manifest.split));
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> newer_decoder,
                 pipeline.source->decoder(partition, newer.manifest.split));
  CombineTable older_rows(pipeline.source_schema, memory_limit / 2);
  CombineTable newer_rows(pipeline.source_schema, memory_limit / 2);
  Comparison comparison{Growth::grown, {}, {}};
  ReadingSums older_sums(pipeline.source_schema);
  ReadingSums newer_sums(pipeline.source_schema);
  for (int bucket = 0; bucket < kSnapshotBuckets; ++bucket) {
    DAYMILL_TRY(fill(older_rows, older_file, *older_decoder, bucket));
    DAYMILL_TRY(fill(newer_rows, newer_file, *newer_decoder, bucket));
    DAYMILL_TRY(older_rows.drain([&](RecordBatch rows) {
      older_sums.add(rows);
      if (comparison.growth == Growth::grown) {
        comparison.detail = first_loss(pipeline.source_schema, newer_rows, rows);
        comparison.growth = comparison.detail.empty() ? Growth::grown : Growth::shrunk;
      }
      return Status();
    }));
    DAYMILL_TRY(newer_rows.drain([&](RecordBatch rows) {
      newer_sums.add(rows);
      return Status();
    }));
  }
  comparison.sums = "loaded " + older_sums.text() + ", the source now holds " + newer_sums.text();
  return comparison;
}

}  // namespace daymill
