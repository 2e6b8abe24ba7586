#include "run/extract.hpp"

#include <algorithm>
#include <atomic>
#include <semaphore>
#include <thread>
#include <utility>

#include "observe/time_text.hpp"
#include "run/cancellation.hpp"
#include "run/early_load.hpp"
#include "run/short_turns.hpp"
#include "run/snapshot_thread.hpp"

namespace daymill {

namespace {

constexpr int kRounds = 3;

/// One split being read. Everything but `reader`'s opening happens on one worker thread.
struct Reading {
  const ExtractTask* task = nullptr;
  std::size_t number = 0;  // of the task
  std::unique_ptr<Reader> reader;
  std::unique_ptr<SnapshotWriter> writer;  // until it is kept
  std::unique_ptr<SnapshotThread> writing;
  ExtractedSplit result;
  Status status;
  bool changed = false;  // to be read again
};

class Extraction {
 public:
  Extraction(BoundPipeline& pipeline, const Partition& partition, const SnapshotStore& store,
             const ExtractSettings& settings, RunObserver& observer, EarlyLoad* early)
      : pipeline_(pipeline),
        partition_(partition),
        store_(store),
        settings_(settings),
        observer_(observer),
        early_(early) {}

  Result<std::vector<ExtractedSplit>> run(const std::vector<ExtractTask>& tasks) {
    std::vector<Reading> readings(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      readings[i].task = &tasks[i];
      readings[i].number = i;
      readings[i].changed = true;
    }
    for (int round = 1; round <= kRounds; ++round) {
      std::vector<Reading*> open;
      for (Reading& reading : readings) {
        if (reading.changed) {
          DAYMILL_TRY(reopen(reading));
          open.push_back(&reading);
        }
      }
      if (open.empty()) {
        break;
      }
      if (early_ != nullptr && round == 1) {
        DAYMILL_TRY(follow_order(open));
      }
      read_all(open, /*last_round=*/round == kRounds);
      for (const Reading* reading : open) {
        if (!reading->status.ok()) {
          forget(readings);
          return reading->status;
        }
      }
    }
    std::vector<ExtractedSplit> results;
    results.reserve(readings.size());
    for (Reading& reading : readings) {
      results.push_back(std::move(reading.result));
    }
    return results;
  }

 private:
  /// On the control thread, as the plugin interface promises.
  Status reopen(Reading& reading) {
    reading.reader.reset();
    DAYMILL_ASSIGN(reading.reader, pipeline_.source->open(partition_, reading.task->split));
    return {};
  }

  /// Splits whose keys come first are read first.
  Status follow_order(std::vector<Reading*>& readings) {
    std::vector<ReadPosition> begins;
    for (const Reading* reading : readings) {
      DAYMILL_ASSIGN(const ReadPosition begin, reading->reader->position());
      begins.push_back(begin);
    }
    std::stable_sort(readings.begin(), readings.end(), [&](const Reading* a, const Reading* b) {
      return begins[a->number].complete < begins[b->number].complete;
    });
    early_->follow(begins, num_readers(readings));
    return {};
  }

  /// Of how many splits the source is asked for rows at once.
  [[nodiscard]] std::size_t num_readers(const std::vector<Reading*>& readings) const {
    return std::min(readings.size(), static_cast<std::size_t>(std::max(1, settings_.threads)));
  }

  /// While a snapshot is finished the next split is read, so there are more threads than readers.
  void read_all(const std::vector<Reading*>& readings, bool last_round) {
    const std::size_t num_threads = std::min(readings.size(), 2 * num_readers(readings));
    std::counting_semaphore<> turns(static_cast<std::ptrdiff_t>(num_readers(readings)));
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    auto work = [&] {
      take_short_turns();
      for (;;) {
        turns.acquire();
        const std::size_t i = next++;
        if (i >= readings.size() || failed) {
          turns.release();
          return;
        }
        Reading& reading = *readings[i];
        reading.status = read(reading, failed);
        turns.release();
        if (reading.status.ok()) {
          reading.status = keep(reading, last_round);
        }
        reading.writing.reset();
        reading.writer.reset();
        if (!reading.status.ok()) {
          failed = true;
        }
        if (early_ != nullptr && (failed || reading.changed)) {
          early_->give_up(reading.task->split.location + " was not read in one go");
        }
      }
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < num_threads; ++i) {
      threads.emplace_back(work);
    }
    if (early_ != nullptr && !std::exchange(early_started_, true)) {
      early_->start();
    }
    threads.clear();
    // A reading that never began because another one failed must not look finished.
    for (Reading* reading : readings) {
      if (failed && reading->status.ok() && reading->result.split.empty()) {
        reading->status = Status(Code::cancelled, "given up because another split failed");
      }
    }
    // The first real cause goes first.
    for (Reading* reading : readings) {
      if (failed && !reading->status.ok() && reading->status.code() != Code::cancelled) {
        readings.front()->status = reading->status;
        return;
      }
    }
  }

  /// From the first row to the last.
  Status read(Reading& reading, const std::atomic<bool>& failed) {
    const ExtractTask& task = *reading.task;
    SnapshotManifest manifest;
    manifest.pipeline = pipeline_.definition.name;
    manifest.partition = partition_.label;
    manifest.split = task.split.id;
    manifest.location = task.split.location;
    manifest.generation = task.generation;
    manifest.run_id = settings_.run_id;
    manifest.created_at = rfc3339_now();
    manifest.raw_schema = pipeline_.raw_schema;
    const auto path = store_.path_for(manifest.pipeline, manifest.partition, manifest.split,
                                      manifest.generation, settings_.run_id + settings_.tag);
    DAYMILL_ASSIGN(reading.writer, SnapshotWriter::create(path, std::move(manifest),
                                                          pipeline_.source_repeats_rows()));
    reading.result.snapshot.path = path;
    reading.writing = std::make_unique<SnapshotThread>(*reading.writer);
    BatchBuilder page(pipeline_.raw_schema);
    for (ReadState state = ReadState::more; state == ReadState::more;) {
      if (cancellation::requested() || failed) {
        return cancellation::status();
      }
      DAYMILL_ASSIGN(state, reading.reader->read(page));
      const std::size_t bytes = page.byte_size();
      std::shared_ptr<const RecordBatch> rows;
      if (page.num_rows() > 0) {
        observer_.rows_done(page.num_rows());
        rows = std::make_shared<const RecordBatch>(page.finish());
        DAYMILL_TRY(reading.writing->push(rows, bytes));
      }
      if (early_ != nullptr) {
        DAYMILL_ASSIGN(const ReadPosition position, reading.reader->position());
        early_->add(reading.number, std::move(rows), bytes, position);
      }
    }
    return {};
  }

  /// What was read becomes a snapshot, if the split was the same throughout.
  Status keep(Reading& reading, bool last_round) {
    DAYMILL_TRY(reading.writing->finish());
    DAYMILL_ASSIGN(const std::int64_t distinct_rows, reading.writer->seal());
    DAYMILL_ASSIGN(const Scan scan, reading.reader->confirm(distinct_rows));
    reading.changed = scan == Scan::changed && !last_round;
    if (reading.changed) {
      return {};
    }
    reading.result.confirmed = scan == Scan::stable;
    DAYMILL_ASSIGN(reading.result.snapshot.manifest,
                   reading.writer->publish(reading.result.confirmed));
    std::error_code ignored;
    reading.result.snapshot.bytes =
        std::filesystem::file_size(reading.result.snapshot.path, ignored);
    reading.result.split = reading.task->split.id;
    reading.result.generation = reading.task->generation;
    reading.result.reader = std::move(reading.reader);
    return {};
  }

  static void forget(const std::vector<Reading>& readings) {
    for (const Reading& reading : readings) {
      if (!reading.result.split.empty()) {
        std::error_code ignored;
        std::filesystem::remove(reading.result.snapshot.path, ignored);
      }
    }
  }

  BoundPipeline& pipeline_;
  const Partition& partition_;
  const SnapshotStore& store_;
  const ExtractSettings& settings_;
  RunObserver& observer_;
  EarlyLoad* early_;  // gets what is read; null: nobody
  bool early_started_ = false;
};

}  // namespace

Result<std::vector<ExtractedSplit>> extract(BoundPipeline& pipeline, const Partition& partition,
                                            const std::vector<ExtractTask>& tasks,
                                            const SnapshotStore& store,
                                            const ExtractSettings& settings, RunObserver& observer,
                                            EarlyLoad* early) {
  return Extraction(pipeline, partition, store, settings, observer, early).run(tasks);
}

}  // namespace daymill
