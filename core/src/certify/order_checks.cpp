// Sources that read in order: positions that never fall, keys that have one place in all splits.
#include <algorithm>
#include <unordered_map>

#include "certify/check.hpp"
#include "certify/split_reading.hpp"
#include "snapshot/fingerprint.hpp"

namespace daymill {

namespace {

/// Where the place of a key must lie: begin <= place < end.
struct Room {
  std::uint64_t begin = 0;
  std::uint64_t end = ReadPosition::kEnd;
};

std::string key_of(const Schema& raw, const RecordBatch& rows, std::int64_t row) {
  std::string key;
  for (const std::size_t i : raw.with_role(Role::key)) {
    const bool null = rows.column(i).is_null(row);
    const auto bytes =
        null ? std::string_view("-") : value_bytes(raw.fields[i], rows.column(i), row);
    key += std::to_string(bytes.size()) + (null ? "-" : ":") + std::string(bytes);
  }
  return key;
}

std::string text_of(const ReadPosition& position) {
  return std::to_string(position.complete) + ", " + std::to_string(position.reached);
}

/// Each key's room becomes what all splits leave of it.
Status read_in_order(const Subject& subject, Source& source, const Split& split,
                     std::unordered_map<std::string, Room>& rooms) {
  DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
  DAYMILL_ASSIGN(const auto reader, source.open(subject.day, split));
  BatchBuilder page(raw);
  DAYMILL_ASSIGN(ReadPosition before, reader->position());
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    DAYMILL_ASSIGN(state, reader->read(page));
    DAYMILL_ASSIGN(const ReadPosition after, reader->position());
    const bool ends = after.complete == ReadPosition::kEnd;
    if (after.complete < before.complete || after.reached < before.reached ||
        (!ends && after.complete > after.reached)) {
      return broken_promise("in " + split.id + " the position (complete, reached) " +
                            text_of(after) + " follows " + text_of(before) +
                            ", expected that neither falls and complete <= reached");
    }
    const RecordBatch rows = page.finish();
    for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
      const std::string key = key_of(raw, rows, row);
      Room& room = rooms[key];
      room.begin = std::max(room.begin, before.complete);
      room.end = std::min(room.end, after.reached);
      if (room.begin >= room.end) {
        return broken_promise("in " + split.id + " the key " + printable(key, 60) +
                              " came with the position " + text_of(after) +
                              ", where it cannot be by another split, or was given before");
      }
    }
    before = after;
  }
  return before.complete == ReadPosition::kEnd
             ? ok_status()
             : broken_promise("at the end of " + split.id + " the position is " + text_of(before) +
                              ", expected the highest number for the first");
}

CheckResult order(const Subject& subject) {
  DAYMILL_ASSIGN(const auto source, subject.source());
  DAYMILL_ASSIGN(const std::vector<Split> splits, present_splits(subject, *source));
  if (splits.empty()) {
    return {Outcome::not_run, "the source holds nothing of " + subject.day.label +
                                  ": give a \"date\" that it has, see --config"};
  }
  std::unordered_map<std::string, Room> rooms;
  for (const Split& split : splits) {
    DAYMILL_TRY(read_in_order(subject, *source, split, rooms));
  }
  return {};
}

}  // namespace

std::vector<Check> order_checks() {
  return {{"source.order", "positions never fall, a key has one place in all splits",
           Needs::settings, DAYMILL_SOURCE_READS_IN_ORDER, order}};
}

}  // namespace daymill
