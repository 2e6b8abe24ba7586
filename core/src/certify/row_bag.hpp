// Rows as a bag of texts, to compare what came out of two ways of doing the same.
#pragma once

#include <string>
#include <vector>

#include "daymill/plugin.hpp"

namespace daymill {

/// Rows and rejections, in any order. Equal when the same came as often.
class RowBag {
 public:
  void add(const Schema& schema, const RecordBatch& batch);
  void add(const Rejection& rejection);
  void add(const RowBag& other);
  /// Of rows that are there more than once, keeps one.
  void make_distinct();

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t rejected() const { return rejected_; }
  /// Broken unless both hold the same: "<what>: found a row ... that ... does not have".
  [[nodiscard]] Status same_as(const RowBag& other, const std::string& what) const;

 private:
  std::vector<std::string> lines_;
  std::int64_t rows_ = 0;
  std::int64_t rejected_ = 0;
};

/// Puts what a lane gives into a bag.
class BagEmitter final : public Emitter {
 public:
  explicit BagEmitter(Schema schema) : schema_(std::move(schema)) {}
  Status emit(RecordBatch batch) override;
  Status reject(const Rejection& rejection) override;

  RowBag bag;
  std::vector<std::int64_t> sums;  ///< of the measures, as they came

 private:
  Schema schema_;
};

}  // namespace daymill
