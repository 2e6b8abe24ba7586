// Measures one day's way through the sink, phase by phase, on a server of its own: seconds, and the
// CPU that this process spent. The first two loads are identical, each later one differs in one row
// of a thousand; the last replaces the day. Usage: postgres_copy_bench [rows] [partitioned|plain]
// [loads]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "sink.hpp"
#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const char* phase, const std::function<Status()>& work) {
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  const Status status = work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::printf("%-10s %8.3f s wall %8.3f s cpu  %s\n", phase, wall.count(), cpu_seconds() - cpu,
              status.to_string().c_str());
  if (!status.ok()) {
    std::exit(1);
  }
}

// Unsorted, as rows come out of hashes.
std::vector<RecordBatch> make_batches(std::int64_t rows, std::int64_t changed, std::int64_t by,
                                      Load& load) {
  std::vector<RecordBatch> batches;
  BatchBuilder builder(ad_schema());
  load.sums = {{"clicks", 0}, {"impressions", 0}};
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::int64_t id = i * 7'919'117 % rows;
    builder.column(0).append_int64(id / 10);
    builder.column(1).append_bytes("search word " + std::to_string(id % 10) + " of many");
    const std::int64_t clicks = i % 13 + (i % 1000 < changed ? by : 0);
    builder.column(2).append_int64(clicks);
    builder.column(3).append_int64(i % 101 + 1);
    builder.column(4).append_float64(static_cast<double>(i % 13) /
                                     static_cast<double>(i % 101 + 1));
    builder.end_row();
    load.sums[0].value += clicks;
    load.sums[1].value += i % 101 + 1;
    if (builder.is_full()) {
      batches.push_back(builder.finish());
    }
  }
  batches.push_back(builder.finish());
  load.rows_out = rows;
  return batches;
}

void run(std::int64_t rows, bool partitioned, int loads) {
  PrivatePostgres server;
  TestHost host;
  auto sink = PostgresSink::create(sink_config(server.port(), "postgres", {{"create", "true"}}),
                                   host.host())
                  .value();
  if (!partitioned) {
    server.exec(
        "CREATE TABLE ads (date date, ad_id bigint, search_word text COLLATE \"C\","
        " clicks bigint, impressions bigint, ctr float8,"
        " PRIMARY KEY (date, ad_id, search_word))");
  }
  measure("bind", [&] { return sink->bind(ad_schema(), "ad_ctr"); });
  const Partition day = day_partition("2026-11-22");
  for (int i = 0; i < loads; ++i) {
    Load load = load_of({});
    std::vector<RecordBatch> batches =
        make_batches(rows, i + 1 == loads ? 1000 : 1, i < 2 && i + 1 < loads ? 0 : i, load);
    if (i > 0) {
      measure("receipts", [&] { return sink->receipts(day, false).status(); });
    }
    const std::int64_t epoch = sink->claim(day).value();
    std::unique_ptr<Writer> writer;
    measure("open", [&]() -> Status {
      DAYMILL_TRY(sink->begin({day, epoch, "bench", false}));
      DAYMILL_ASSIGN(writer, sink->open());
      return {};
    });
    measure("copy", [&]() -> Status {
      for (RecordBatch& batch : batches) {
        DAYMILL_TRY(writer->write(std::move(batch)));
      }
      return {};
    });
    measure("finish", [&] { return writer->finish(); });
    measure("compare", [&] { return sink->difference(20).status(); });
    measure("commit", [&] { return sink->commit(load, {receipt("s", 1)}); });
  }
}

}  // namespace
}  // namespace daymill::postgres

int main(int argc, char** argv) {
  const std::int64_t rows = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const bool partitioned = argc <= 2 || std::strcmp(argv[2], "plain") != 0;
  daymill::postgres::run(rows, partitioned, argc > 3 ? std::atoi(argv[3]) : 1);
}
