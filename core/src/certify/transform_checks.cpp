// Transforms: schema in, schema out, and their lanes.
#include "certify/check.hpp"
#include "certify/lane_checks.hpp"

namespace daymill {

namespace {

/// A transform that is bound to the subject's rows, and the way through it.
struct BoundTransform {
  std::unique_ptr<Transform> transform;
  LaneStand stand;
};

Result<BoundTransform> bound(const Subject& subject) {
  BoundTransform made;
  DAYMILL_ASSIGN(made.transform, subject.transform());
  DAYMILL_ASSIGN(made.stand.out, made.transform->bind(subject.rows.schema()));
  Transform* transform = made.transform.get();
  made.stand.open = [transform, day = subject.day] { return transform->open(day); };
  made.stand.cut = [rows = subject.rows](std::int64_t first, std::int64_t count) {
    return rows.batch(first, count);
  };
  made.stand.rows = subject.rows.size();
  return made;
}

/// A transform for columns that nobody could guess needs the user's.
CheckResult if_bound(const Subject& subject, Status (*check)(const Subject&, BoundTransform&)) {
  auto made = bound(subject);
  if (!made.ok()) {
    if (!subject.rows_are_given && made.status().code() == Code::schema_mismatch) {
      return {Outcome::not_run,
              "needs \"columns\" that it accepts, see --config: " + made.status().message()};
    }
    return made.status();
  }
  return check(subject, *made);
}

Status check_bind(const Subject& subject, BoundTransform& made) {
  const Schema& first = made.stand.out;
  DAYMILL_ASSIGN(const Schema again, made.transform->bind(subject.rows.schema()));
  DAYMILL_ASSIGN(const auto other, subject.transform());
  DAYMILL_ASSIGN(const Schema others, other->bind(subject.rows.schema()));
  if (!(again == first) || !(others == first)) {
    return broken_promise("the same columns gave another schema, expected the same each time");
  }
  const Status empty = made.transform->bind(Schema{}).status();
  return empty.ok() ? ok_status() : check_error("bind to no columns", empty);
}

Status check_rows(const Subject& subject, BoundTransform& made) {
  const std::vector<std::pair<const char*, RecordBatch (*)(const ProbeRows&)>> kinds = {
      {"no row", [](const ProbeRows& rows) { return rows.batch(0, 0); }},
      {"one row", [](const ProbeRows& rows) { return rows.batch(0, 1); }},
      {"nulls", [](const ProbeRows& rows) { return rows.nulls(100); }},
      {"many rows", [](const ProbeRows& rows) { return rows.batch(0, rows.size()); }}};
  for (const auto& [name, make] : kinds) {
    DAYMILL_ASSIGN(const auto lane, made.stand.open());
    BagEmitter out(made.stand.out);
    RecordBatch in = make(subject.rows);
    const std::int64_t rows_in = in.num_rows();
    BagEmitter before(subject.rows.schema());
    const auto all = std::make_shared<const RecordBatch>(std::move(in));
    DAYMILL_TRY(before.emit(RecordBatch::share(all)));
    DAYMILL_TRY(lane->process(RecordBatch::share(all), out));
    DAYMILL_TRY(lane->finish(out));
    if (!subject.component.can(DAYMILL_TRANSFORM_KEEPS_ROWS)) {
      continue;
    }
    if (out.bag.rows() + out.bag.rejected() != rows_in) {
      return broken_promise(std::string(name) + ": " + std::to_string(rows_in) + " rows in, " +
                            std::to_string(out.bag.rows()) +
                            " out, expected as many (TRANSFORM_KEEPS_ROWS)");
    }
    if (rows_in != 0 && out.bag.rejected() == 0 && out.sums != before.sums) {
      return broken_promise(std::string(name) +
                            ": the sums of the measures changed (TRANSFORM_KEEPS_ROWS)");
    }
  }
  return {};
}

Status check_outlives(const Subject& /*subject*/, BoundTransform& made) {
  DAYMILL_TRY(check_lane_destroyed(made.stand));
  DAYMILL_ASSIGN(const auto lane, made.stand.open());
  made.transform.reset();
  BagEmitter out(made.stand.out);
  DAYMILL_TRY(lane->process(made.stand.cut(0, 10), out));
  return lane->finish(out);
}

}  // namespace

std::vector<Check> transform_checks() {
  return {
      {"transform.bind_pure", "the same columns in give the same columns out", Needs::settings, 0,
       [](const Subject& subject) { return if_bound(subject, check_bind); }},
      {"transform.batches_valid",
       "no row, one row, nulls and many rows: valid batches, rows and sums kept where promised",
       Needs::settings, 0, [](const Subject& subject) { return if_bound(subject, check_rows); }},
      {"transform.batch_cutting", "the same rows out, however they are cut into batches",
       Needs::settings, 0,
       [](const Subject& subject) {
         return if_bound(subject, [](const Subject&, BoundTransform& made) {
           return check_batch_cutting(made.stand);
         });
       }},
      {"transform.threads", "several lanes at once, and one that changes its thread",
       Needs::settings, 0,
       [](const Subject& subject) {
         return if_bound(subject, [](const Subject&, BoundTransform& made) {
           return check_lane_threads(made.stand);
         });
       }},
      {"transform.destroyed", "lanes destroyed early, and living longer than the transform",
       Needs::settings, 0,
       [](const Subject& subject) { return if_bound(subject, check_outlives); }},
      {"transform.stops", "asked to stop, it does soon", Needs::settings, 0,
       [](const Subject& subject) {
         return if_bound(subject, [](const Subject& given, BoundTransform& made) {
           return check_lane_stops(made.stand, *given.host);
         });
       }}};
}

}  // namespace daymill
