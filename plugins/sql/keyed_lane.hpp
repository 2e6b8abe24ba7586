// The lane of a transform that needs all rows of a day at once, told apart by some columns.
#pragma once

#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "collected_rows.hpp"

namespace daymill::sql {

/// Collects the rows that have all of the columns `by`, and gives what `statement` makes of them,
/// whose columns are those of `out` in order.
class KeyedLane final : public Lane {
 public:
  /// `component`: for messages, "aggregate".
  KeyedLane(std::string component, Schema in, Schema out, std::vector<std::size_t> by,
            std::unique_ptr<CollectedRows> rows, Statement statement)
      : component_(std::move(component)),
        in_(std::move(in)),
        out_(std::move(out)),
        by_(std::move(by)),
        rows_(std::move(rows)),
        statement_(std::move(statement)) {}

  Status process(RecordBatch in, Emitter& out) override {
    return add_with_keys(*rows_, in_, std::move(in), by_, out);
  }
  Status finish(Emitter& out) override {
    DAYMILL_TRY(rows_->sort());
    std::vector<int> positions(out_.size());
    std::iota(positions.begin(), positions.end(), 0);
    return emit_rows(rows_->database(), statement_, out_, positions, component_, out);
  }

 private:
  std::string component_;
  Schema in_;
  Schema out_;
  std::vector<std::size_t> by_;
  std::unique_ptr<CollectedRows> rows_;
  Statement statement_;  // reads rows_, so it goes first
};

}  // namespace daymill::sql
