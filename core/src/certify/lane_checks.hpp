// What every lane owes, be it a transform's or a decoder's.
#pragma once

#include <functional>
#include <vector>

#include "certify/row_bag.hpp"
#include "certify/subject.hpp"

namespace daymill {

/// Makes a lane; on the control thread.
using OpenLane = std::function<Result<std::unique_ptr<Lane>>()>;
/// Rows `first`... as a batch.
using CutRows = std::function<RecordBatch(std::int64_t first, std::int64_t count)>;

/// A way to get from rows to rows.
struct LaneStand {
  OpenLane open;
  CutRows cut;
  std::int64_t rows = 0;
  Schema out;
};

/// Sends all rows through a lane of its own, `batch_rows` at a time, and finishes it.
Result<RowBag> send_through(const LaneStand& stand, std::int64_t batch_rows);

/// The same rows in give the same rows out, however they are cut into batches, empty ones between.
Status check_batch_cutting(const LaneStand& stand);
/// Several lanes on threads of their own, and one that wanders from thread to thread.
Status check_lane_threads(const LaneStand& stand);
/// Destroyed unused, in the middle, and without finish.
Status check_lane_destroyed(const LaneStand& stand);
/// After stop was requested: OK or CANCELLED, and soon.
Status check_lane_stops(const LaneStand& stand, CertifyHost& host);

/// Runs `body`, which answers after stop was requested: in time, with OK or CANCELLED?
Status check_stops(const char* what, const std::function<Status()>& body);

}  // namespace daymill
