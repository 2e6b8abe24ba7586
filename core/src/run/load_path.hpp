// The way of a partition's rows: raw → decoder of their split → combine → transforms → writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "run/combine.hpp"
#include "run/transform_chain.hpp"

namespace daymill {

struct LoadTotals {
  std::int64_t rows_read = 0;
  std::int64_t rows_merged = 0;
  std::int64_t rows_filtered = 0;
  std::int64_t rows_out = 0;
  std::vector<Sum> sums_read;  ///< by the source's measures: what decoding gave, and what rejected
                               ///< rows would have brought
  std::vector<Sum> sums_out;   ///< by the measures of the rows in the target
};

/// Where raw rows come from: one generation of one split.
struct LoadInput {
  std::string split;
  std::int64_t generation = 0;
  Schema raw_schema;
};

/// open → (decode..., drain or drain_before)... → finish_rows → finish_writer. One thread at a
/// time; the writer works on a thread of its own.
class LoadPath {
 public:
  /// Rejections go to `rejects`; over its budget: INVALID_DATA. `memory_limit` in bytes, of what is
  /// combined at once.
  LoadPath(BoundPipeline& pipeline, Writer& writer, RejectLog& rejects, std::size_t memory_limit);
  ~LoadPath();

  Status open(const Partition& partition, std::vector<LoadInput> inputs);
  /// Rows of inputs[input]. `until`: see CombineTable::add.
  Status decode(std::size_t input, RecordBatch raw, std::uint64_t until = CombineTable::kLast);
  /// All that was decoded goes on; no more rows of its keys may follow.
  Status drain();
  /// The same for the keys before `complete`. The hashes of the keys are added to `keys`.
  Status drain_before(std::uint64_t complete, KeyHashes& keys);
  /// Keys that wait to be drained.
  [[nodiscard]] std::int64_t num_keys() const { return table_.num_keys(); }

  /// After the last drain. Conservation is checked up to the writer: `rows_read` = out + merged +
  /// filtered + rejected, and so for every measure's sum; a breach is INTERNAL with both sides.
  Result<LoadTotals> finish_rows(std::int64_t rows_read);
  /// Waits until all rows are written and finishes the writer.
  Status finish_writer() { return writer_.finish(); }

 private:
  class Decoder;

  BoundPipeline& pipeline_;
  RejectLog& rejects_;
  WriterThread writer_;
  TransformChain chain_;
  CombineTable table_;
  bool combines_;  // false: nothing to combine by, rows go straight on
  MeasureSums sums_decoded_;
  std::int64_t rows_decoded_ = 0;
  std::int64_t rows_combined_ = 0;
  std::vector<std::unique_ptr<Decoder>> decoders_;
};

}  // namespace daymill
