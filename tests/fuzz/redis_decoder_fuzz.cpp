// Fields and counts: a line is a field, a tab and its value. Whatever they are, each row is decoded
// or rejected, and rows that come together give what each gives alone.
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "source.hpp"

namespace daymill::redis_hash {
namespace {

constexpr const char* kSplit = "clicks:20261122";

struct Heard final : Emitter {
  std::string rows;
  std::string rejects;
  std::int64_t num_rows = 0;
  std::int64_t first_row = 0;  // of the batch, among all

  Status emit(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      rows += std::to_string(batch.column(0).int64s()[row]) + " " +
              std::string(batch.column(1).bytes_at(row)) + " " +
              std::to_string(batch.column(2).int64s()[row]) + "\n";
    }
    num_rows += batch.num_rows();
    return {};
  }
  Status reject(const Rejection& rejection) override {
    rejects += std::to_string(first_row + rejection.row) + " " + std::string(rejection.reason) +
               " " + std::string(rejection.message) + " " + std::to_string(rejection.amount) + "\n";
    ++num_rows;
    return {};
  }
};

struct Row {
  std::string_view field;
  std::string_view value;
};

std::vector<Row> rows_of(std::string_view text) {
  std::vector<Row> rows;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t tab = std::min(line.find('\t'), line.size());
    rows.push_back({line.substr(0, tab), line.substr(std::min(tab + 1, line.size()))});
  }
  return rows;
}

RecordBatch batch_of(const Row* rows, std::size_t count) {
  BatchBuilder builder(Settings::raw_schema());
  for (std::size_t i = 0; i < count; ++i) {
    builder.column(0).append_bytes(rows[i].field);
    builder.column(1).append_bytes(rows[i].value);
    builder.end_row();
  }
  return builder.finish();
}

std::unique_ptr<Lane> decoder() {
  static const std::unique_ptr<Source> source =
      RedisHash::create(Config({{"host", "", "127.0.0.1"},
                                {"field", "", "{ad_id:int64}:{search_word:text}"},
                                {"measures", "clicks", "clicks:{date:%Y%m%d}"}}),
                        Host())
          .value();
  Partition day;
  day.label = "2026-11-22";
  day.day = parse_date(day.label).value();
  return source->decoder(day, kSplit).value();
}

}  // namespace
}  // namespace daymill::redis_hash

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daymill;
  using namespace daymill::redis_hash;
  const std::vector<Row> rows = rows_of(fuzz::text_of(data, size));
  const std::unique_ptr<Lane> lane = decoder();
  Heard together;
  fuzz::check(lane->process(batch_of(rows.data(), rows.size()), together).ok(), "decoding works");
  fuzz::check(together.num_rows == static_cast<std::int64_t>(rows.size()), "no row is lost");
  Heard alone;
  for (const Row& row : rows) {
    fuzz::check(lane->process(batch_of(&row, 1), alone).ok(), "decoding works");
    ++alone.first_row;
  }
  fuzz::check(together.rows == alone.rows, "together as alone: rows");
  fuzz::check(together.rejects == alone.rejects, "together as alone: rejects");
  return 0;
}
