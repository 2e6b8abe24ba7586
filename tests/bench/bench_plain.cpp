// bench_plain PIPELINE YYYY-MM-DD: the day's job of `daymill run` without anything that makes it
// safe, about the fastest simple program that can be written with daymill's own parts. What
// `daymill run` takes longer is the price of the promise. Prints the seconds of each part as JSON.
//
// What it does: loads pipeline and plugins as daymill does; reads all splits at once with the
// source's readers, decodes every page on the spot and sums it into one table in memory; then gives
// the rows through the transforms to the sink's writer, on a thread of its own: a stage made like
// the target, COPY BINARY FREEZE, its indexes, ANALYZE. The stage is attached as the day's
// partition by plain SQL.
//
// What it leaves out: looking for evidence and deciding, claim and fence, snapshots (fingerprints,
// checksums, compression, fsync), asking the reader whether the split changed meanwhile (a field
// that HSCAN repeats counts twice here), conservation and the totals read back from the stage, the
// rows' own checks against other people's rows, load and receipts, the removal and its record, the
// journal. A row that cannot be decoded ends it.
//
// What it still does of that, because it is in the parts: the reader's WATCH, TYPE and HLEN; the
// sink's look at server and target, its evidence tables if the database has none, and the stage's
// CHECK of the day's bounds (which spares ATTACH a scan).
//
// The pipeline's variables come from the environment as for daymill; the same database must be
// found through PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE.
#include <libpq-fe.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cli/session.hpp"
#include "daymill/value.hpp"
#include "run/bounded_queue.hpp"
#include "run/combine.hpp"
#include "schedule/civil_day.hpp"
#include "snapshot/fingerprint.hpp"

namespace {

using namespace daymill;

constexpr std::size_t kBuckets = 64;
constexpr std::size_t kMemory = std::size_t{16} << 30;
constexpr std::size_t kQueueBytes = std::size_t{8} << 20;  // as in daymill's own load

void check(const Status& status) {
  if (!status.ok())
    throw std::runtime_error(status.to_string());
}

template <typename T>
T take(Result<T> result) {
  check(result.status());
  return std::move(result).value();
}

double seconds_since(std::chrono::steady_clock::time_point& start) {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - start).count();
  start = now;
  return seconds;
}

/// The rows of one split, raw, by the hash of their key, so that they can be combined a bucket at a
/// time.
using Buckets = std::vector<BatchBuilder>;

/// Decoded rows, summed into the table that all splits share.
class IntoTable final : public Emitter {
 public:
  explicit IntoTable(CombineTable& table) : table_(table) {}
  Status emit(RecordBatch batch) override { return table_.add(batch); }
  Status reject(const Rejection& rejection) override {
    return Status(Code::invalid_data, std::string(rejection.message));
  }

 private:
  CombineTable& table_;
};

/// What leaves transform `next` - 1: into the next one, or to the writer's queue.
class Onward final : public Emitter {
 public:
  Onward(std::vector<std::unique_ptr<Lane>>& lanes, std::size_t next,
         BoundedQueue<RecordBatch>& queue)
      : lanes_(lanes), next_(next), queue_(queue) {}
  Status emit(RecordBatch batch) override {
    if (next_ < lanes_.size()) {
      Onward after(lanes_, next_ + 1, queue_);
      return lanes_[next_]->process(std::move(batch), after);
    }
    const auto bytes = static_cast<std::size_t>(batch.num_rows()) * 64;
    return queue_.push(std::move(batch), bytes) ? Status() : Status(Code::unavailable, "no writer");
  }
  Status reject(const Rejection& rejection) override {
    return Status(Code::invalid_data, std::string(rejection.message));
  }

 private:
  std::vector<std::unique_ptr<Lane>>& lanes_;
  std::size_t next_;
  BoundedQueue<RecordBatch>& queue_;
};

struct Part {
  std::unique_ptr<Reader> reader;
  std::unique_ptr<Lane> decoder;
  Buckets buckets;
  Status status;
};

Status read_split(Part& part, const Schema& raw_schema) {
  RowHasher hasher(raw_schema);
  BatchBuilder page(raw_schema);
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    DAYMILL_ASSIGN(state, part.reader->read(page));
    const RecordBatch raw = page.finish();
    for (std::int64_t row = 0; row < raw.num_rows(); ++row) {
      BatchBuilder& bucket = part.buckets[hasher.key_hash(raw, row) % kBuckets];
      for (std::size_t i = 0; i < raw.num_columns(); ++i)
        bucket.column(i).append_from(raw.column(i), row);
      bucket.end_row();
    }
  }
  return Status();
}

std::vector<Part> read_all(BoundPipeline& pipeline, const Partition& partition) {
  std::vector<Part> parts;
  for (const Split& split : take(pipeline.source->plan(partition))) {
    parts.push_back(Part{take(pipeline.source->open(partition, split)),
                         take(pipeline.source->decoder(partition, split.id)), Buckets(), Status()});
    for (std::size_t i = 0; i < kBuckets; ++i)
      parts.back().buckets.emplace_back(pipeline.raw_schema);
  }
  {
    std::vector<std::jthread> threads;
    for (Part& part : parts)
      threads.emplace_back([&] { part.status = read_split(part, pipeline.raw_schema); });
  }
  for (const Part& part : parts)
    check(part.status);
  return parts;
}

Status combine(std::vector<Part>& parts, CombineTable& table, Emitter& onward) {
  IntoTable into(table);
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    for (Part& part : parts)
      DAYMILL_TRY(part.decoder->process(part.buckets[bucket].finish(), into));
    DAYMILL_TRY(table.drain([&](RecordBatch batch) { return onward.emit(std::move(batch)); }));
  }
  for (Part& part : parts)
    DAYMILL_TRY(part.decoder->finish(into));
  return Status();
}

void write_rows(BoundPipeline& pipeline, const Partition& partition, std::vector<Part>& parts,
                Writer& writer) {
  BoundedQueue<RecordBatch> queue(kQueueBytes);
  Status written;
  std::jthread thread([&] {
    while (auto batch = queue.pop()) {
      written = writer.write(std::move(*batch));
      if (!written.ok())
        return queue.close();
    }
  });
  std::vector<std::unique_ptr<Lane>> lanes;
  for (BoundTransform& bound : pipeline.transforms)
    lanes.push_back(take(bound.transform->open(partition)));
  Onward first(lanes, 0, queue);
  CombineTable table(pipeline.source_schema, kMemory);
  const Status given = combine(parts, table, first);
  queue.close();
  thread.join();
  check(written);
  check(given);
}

/// The only table of daymill_stage becomes the day's partition, as the sink's own commit does it.
void attach(const Partition& partition) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(""), &PQfinish);
  const std::string sql =
      "DO $$ DECLARE stage text := (SELECT relname FROM pg_class"
      " WHERE relnamespace = 'daymill_stage'::regnamespace AND relkind = 'r');"
      " BEGIN"
      " EXECUTE format('ALTER TABLE daymill_stage.%I SET SCHEMA public', stage);"
      " EXECUTE format('ALTER TABLE %I RENAME TO bench_day', stage);"
      " ALTER TABLE advertisement_analytics ATTACH PARTITION bench_day FOR VALUES FROM ('" +
      date_text(partition.day) + "') TO ('" + date_text(partition.day + 1) +
      "');"
      " ALTER TABLE bench_day DROP CONSTRAINT daymill_bounds;"
      " END $$";
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_plain PIPELINE YYYY-MM-DD\n");
    return 2;
  }
  auto start = std::chrono::steady_clock::now();
  Session session(GlobalOptions{OutputFormat::text, LogFormat::text, LogLevel::warning});
  BoundPipeline pipeline = take(session.bind(argv[1]));
  const Partition partition =
      take(Session::partition(pipeline.definition, take(CivilDay::parse(argv[2]))));
  const std::unique_ptr<Sink> sink = take(pipeline.make_sink());
  check(sink->bind(pipeline.out_schema, pipeline.definition.name));
  const double prepare = seconds_since(start);

  std::vector<Part> parts = read_all(pipeline, partition);
  const double read = seconds_since(start);

  check(sink->begin(Attempt{partition, 1, "bench_plain", false}));
  std::unique_ptr<Writer> writer = take(sink->open());
  write_rows(pipeline, partition, parts, *writer);
  const double write = seconds_since(start);
  check(writer->finish());
  const double finish = seconds_since(start);
  attach(partition);
  const double attached = seconds_since(start);
  std::printf(
      "{\"prepare\": %.4f, \"read\": %.4f, \"write\": %.4f, \"index\": %.4f, \"attach\": %.4f}\n",
      prepare, read, write, finish, attached);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_plain: %s\n", error.what());
  return 1;
}
