// Some rows of a batch, for lanes that drop or reject the others.
//
//   KeptRows kept(in.num_rows());
//   kept.drop(3);
//   DAYMILL_TRY(kept.emit(schema, std::move(in), out));
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "daymill/plugin.hpp"

namespace daymill {

class KeptRows {
 public:
  explicit KeptRows(std::int64_t num_rows) : kept_(static_cast<std::size_t>(num_rows), true) {}

  void drop(std::int64_t row) {
    if (kept_[static_cast<std::size_t>(row)]) {
      kept_[static_cast<std::size_t>(row)] = false;
      ++dropped_;
    }
  }
  [[nodiscard]] bool keeps(std::int64_t row) const { return kept_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] std::int64_t num_kept() const {
    return static_cast<std::int64_t>(kept_.size()) - dropped_;
  }

  /// The rows kept: the batch itself, uncopied, when that is all of them.
  [[nodiscard]] RecordBatch take(const Schema& schema, RecordBatch batch) const {
    if (dropped_ == 0) {
      return batch;
    }
    BatchBuilder builder(schema);
    for (std::size_t i = 0; i < schema.size(); ++i) {
      ColumnBuilder& column = builder.column(i);
      for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        if (kept_[static_cast<std::size_t>(row)]) {
          column.append_from(batch.column(i), row);
        }
      }
    }
    builder.end_rows(num_kept());
    return builder.finish();
  }
  /// Emits them; nothing when there are none.
  Status emit(const Schema& schema, RecordBatch batch, Emitter& out) const {
    return num_kept() == 0 ? Status() : out.emit(take(schema, std::move(batch)));
  }

 private:
  std::vector<bool> kept_;
  std::int64_t dropped_ = 0;
};

}  // namespace daymill
