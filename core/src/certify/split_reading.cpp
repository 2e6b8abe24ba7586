#include "certify/split_reading.hpp"

#include <algorithm>

#include "certify/check.hpp"

namespace daymill {

Result<std::vector<Split>> present_splits(const Subject& subject, Source& source) {
  DAYMILL_ASSIGN(std::vector<Split> splits, source.plan(subject.day));
  std::vector<Split> present;
  std::copy_if(splits.begin(), splits.end(), std::back_inserter(present),
               [](const Split& split) { return split.present; });
  return present;
}

Result<SplitReading> read_all(const Subject& subject, const Schema& raw, const Split& split,
                              std::unique_ptr<Reader> reader) {
  BatchBuilder rows(raw);
  BatchBuilder page(raw);
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    DAYMILL_ASSIGN(state, reader->read(page));
    const RecordBatch batch = page.finish();
    append_rows(batch, 0, batch.num_rows(), rows);
  }
  SplitReading reading;
  reading.split = split;
  reading.reader = std::move(reader);
  reading.rows = std::make_shared<const RecordBatch>(rows.finish());
  reading.bag.add(raw, *reading.rows);
  if (subject.component.can(DAYMILL_SOURCE_REPEATS_ROWS)) {
    reading.bag.make_distinct();
  }
  DAYMILL_ASSIGN(reading.scan, reading.reader->confirm(reading.bag.rows()));
  return reading;
}

Result<SplitReading> read_split(const Subject& subject, Source& source, const Split& split) {
  DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
  DAYMILL_ASSIGN(auto reader, source.open(subject.day, split));
  return read_all(subject, raw, split, std::move(reader));
}

Result<LaneStand> decoder_stand(const Subject& subject, Source& source,
                                const SplitReading& reading) {
  constexpr std::int64_t kMost = 2000;
  LaneStand stand;
  DAYMILL_ASSIGN(stand.out, source.schema());
  DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
  stand.rows = std::min(kMost, reading.rows->num_rows());
  stand.open = [&source, day = subject.day, id = reading.split.id] {
    return source.decoder(day, id);
  };
  stand.cut = [raw, rows = reading.rows, last = stand.rows](std::int64_t first,
                                                            std::int64_t count) {
    BatchBuilder out(raw);
    append_rows(*rows, first, std::max<std::int64_t>(0, std::min(count, last - first)), out);
    return out.finish();
  };
  return stand;
}

}  // namespace daymill
