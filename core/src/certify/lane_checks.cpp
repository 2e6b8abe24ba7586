#include "certify/lane_checks.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "certify/check.hpp"

namespace daymill {

namespace {

constexpr int kLanes = 4;
// "Within a second or so", on a busy machine.
constexpr std::chrono::seconds kSoon{15};

std::string in_batches(std::int64_t rows) {
  return "in batches of " + std::to_string(rows);
}

}  // namespace

Result<RowBag> send_through(const LaneStand& stand, std::int64_t batch_rows) {
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> lane, stand.open());
  BagEmitter out(stand.out);
  for (std::int64_t row = 0; row < stand.rows; row += batch_rows) {
    DAYMILL_TRY(lane->process(stand.cut(row, batch_rows), out));
  }
  DAYMILL_TRY(lane->finish(out));
  return std::move(out.bag);
}

Status check_batch_cutting(const LaneStand& stand) {
  DAYMILL_ASSIGN(const RowBag whole, send_through(stand, std::max<std::int64_t>(1, stand.rows)));
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{7}, std::int64_t{100}}) {
    DAYMILL_ASSIGN(const RowBag cut, send_through(stand, rows));
    DAYMILL_TRY(cut.same_as(whole, in_batches(rows) + " against all at once"));
  }
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> lane, stand.open());
  BagEmitter out(stand.out);
  DAYMILL_TRY(lane->process(stand.cut(0, 0), out));
  DAYMILL_TRY(lane->process(stand.cut(0, stand.rows), out));
  DAYMILL_TRY(lane->process(stand.cut(0, 0), out));
  DAYMILL_TRY(lane->finish(out));
  return out.bag.same_as(whole, "between empty batches against all at once");
}

Status check_lane_threads(const LaneStand& stand) {
  DAYMILL_ASSIGN(const RowBag expected, send_through(stand, 10));
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < kLanes; ++i) {
    DAYMILL_ASSIGN(auto lane, stand.open());
    lanes.push_back(std::move(lane));
  }
  std::vector<BagEmitter> out(kLanes, BagEmitter(stand.out));
  std::vector<Status> ends(kLanes);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    threads.emplace_back([&, i] {
      for (std::int64_t row = 0; row < stand.rows && ends[i].ok(); row += 10) {
        ends[i] = lanes[i]->process(stand.cut(row, 10), out[i]);
      }
      ends[i] = ends[i].ok() ? lanes[i]->finish(out[i]) : ends[i];
    });
  }
  threads.clear();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    DAYMILL_TRY(ends[i]);
    DAYMILL_TRY(out[i].bag.same_as(expected, "beside other lanes against alone"));
  }
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> wanderer, stand.open());
  BagEmitter found(stand.out);
  Status end;
  for (std::int64_t row = 0; row < stand.rows && end.ok(); row += 10) {
    std::jthread([&] { end = wanderer->process(stand.cut(row, 10), found); }).join();
  }
  DAYMILL_TRY(end);
  std::jthread([&] { end = wanderer->finish(found); }).join();
  DAYMILL_TRY(end);
  return found.bag.same_as(expected, "from thread to thread against on one");
}

Status check_lane_destroyed(const LaneStand& stand) {
  DAYMILL_TRY(stand.open().status());
  {
    DAYMILL_ASSIGN(const std::unique_ptr<Lane> lane, stand.open());
    BagEmitter out(stand.out);
    DAYMILL_TRY(lane->process(stand.cut(0, 3), out));
  }
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> unused, stand.open());
  BagEmitter out(stand.out);
  DAYMILL_TRY(unused->finish(out));
  return {};
}

Status check_lane_stops(const LaneStand& stand, CertifyHost& host) {
  DAYMILL_ASSIGN(const std::unique_ptr<Lane> lane, stand.open());
  host.stop();
  return check_stops("a lane", [&]() -> Status {
    BagEmitter out(stand.out);
    DAYMILL_TRY(lane->process(stand.cut(0, stand.rows), out));
    return lane->finish(out);
  });
}

Status check_stops(const char* what, const std::function<Status()>& body) {
  const auto start = std::chrono::steady_clock::now();
  const Status end = body();
  const auto took = std::chrono::steady_clock::now() - start;
  if (!end.ok() && end.code() != Code::cancelled) {
    return broken_promise(std::string(what) + " that was asked to stop answered " +
                          end.to_string() + ", expected CANCELLED, or its end");
  }
  if (took > kSoon) {
    return broken_promise(
        std::string(what) + " that was asked to stop went on for " +
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(took).count()) +
        " s, expected a second or so");
  }
  return {};
}

}  // namespace daymill
