// Reading splits of a source to their ends, for the checks.
#pragma once

#include <memory>
#include <vector>

#include "certify/lane_checks.hpp"
#include "certify/row_bag.hpp"
#include "certify/subject.hpp"

namespace daymill {

/// One split that was read.
struct SplitReading {
  Split split;
  std::unique_ptr<Reader> reader;           ///< at its end
  std::shared_ptr<const RecordBatch> rows;  ///< raw
  RowBag bag;                               ///< the same; distinct rows, where readers repeat rows
  Scan scan = Scan::stable;                 ///< confirm's answer
};

/// The splits that are there on the subject's day.
Result<std::vector<Split>> present_splits(const Subject& subject, Source& source);
/// Reads with a reader that open() gave, on any thread.
Result<SplitReading> read_all(const Subject& subject, const Schema& raw, const Split& split,
                              std::unique_ptr<Reader> reader);
/// Opens and reads.
Result<SplitReading> read_split(const Subject& subject, Source& source, const Split& split);
/// The decoder of a split over what was read of it, at most 2,000 rows.
Result<LaneStand> decoder_stand(const Subject& subject, Source& source,
                                const SplitReading& reading);

}  // namespace daymill
