#include "certify/sink_attempt.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "certify/check.hpp"

namespace daymill {

namespace {

constexpr const char* kSplit = "certify";
constexpr int kTries = 5;

Load load_of(const Subject& subject, std::int64_t epoch, const std::string& run_id) {
  Load load;
  load.epoch = epoch;
  load.pipeline = kCertifyPipeline;
  load.run_id = run_id;
  load.rows_out = subject.rows.size();
  load.sums = subject.rows.sums();
  load.config_digest = "00000000000000000000000000000000";
  load.plugins = "{}";
  return load;
}

Receipt next_receipt(const Subject& subject, const std::vector<Receipt>& held, std::int64_t epoch) {
  std::int64_t generation = 1;
  for (const Receipt& receipt : held) {
    generation = std::max(generation, receipt.generation + 1);
  }
  return Receipt{kSplit,
                 generation,
                 epoch,
                 "1-00000000000000000000000000000001",
                 subject.rows.size(),
                 "certify-" + std::to_string(generation) + ".snapshot",
                 false,
                 {}};
}

/// Without its epoch: whether a receipt keeps the one of its first load is not said.
std::string receipt_text(const Receipt& receipt) {
  return receipt.split + " generation " + std::to_string(receipt.generation) + " fingerprint " +
         receipt.fingerprint + " rows " + std::to_string(receipt.rows_in) + " snapshot " +
         receipt.snapshot;
}

std::vector<std::string> receipt_texts(const std::vector<Receipt>& receipts) {
  std::vector<std::string> texts;
  for (const Receipt& receipt : receipts) {
    texts.push_back(receipt_text(receipt));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

Status same_receipts(const std::vector<Receipt>& found, const std::vector<Receipt>& expected) {
  const std::vector<std::string> mine = receipt_texts(found);
  const std::vector<std::string> theirs = receipt_texts(expected);
  for (std::size_t i = 0; i < std::max(mine.size(), theirs.size()); ++i) {
    const std::string is = i < mine.size() ? mine[i] : "none";
    const std::string should = i < theirs.size() ? theirs[i] : "none";
    if (is != should) {
      return broken_promise("after the commit found the receipt \"" + is + "\", expected \"" +
                            should + "\" as committed");
    }
  }
  return {};
}

}  // namespace

const std::vector<std::string>& points_before_commit() {
  static const std::vector<std::string> kPoints = {"claimed", "begun",    "opened",
                                                   "written", "finished", "rejected"};
  return kPoints;
}

Result<std::unique_ptr<Sink>> bound_sink(const Subject& subject) {
  DAYMILL_ASSIGN(auto sink, subject.sink());
  DAYMILL_TRY(sink->bind(subject.rows.schema(), kCertifyPipeline));
  return sink;
}

Partition day_of(const Subject& subject, int number) {
  return utc_day(subject.day.day + number);
}

Result<StagedLoad> stage(const Subject& subject, Sink& sink, const Partition& day,
                         const StageOptions& options) {
  DAYMILL_ASSIGN(const std::int64_t epoch, sink.claim(day));
  options.at("claimed");
  DAYMILL_ASSIGN(const Evidence held, sink.receipts(day, /*settle=*/false));
  StagedLoad staged{load_of(subject, epoch, options.run_id), held.receipts};
  staged.receipts.push_back(next_receipt(subject, held.receipts, epoch));
  DAYMILL_TRY(sink.begin(Attempt{day, epoch, options.run_id}));
  options.at("begun");
  DAYMILL_ASSIGN(const auto writer, sink.open());
  options.at("opened");
  for (std::int64_t row = 0; row < subject.rows.size(); row += options.batch_rows) {
    DAYMILL_TRY(writer->write(subject.rows.batch(row, options.batch_rows)));
  }
  options.at("written");
  DAYMILL_TRY(writer->finish());
  options.at("finished");
  if (subject.component.can(DAYMILL_SINK_STORES_REJECTS)) {
    const Receipt& receipt = staged.receipts.back();
    staged.load.rejected = 1;
    DAYMILL_TRY(
        sink.reject({RejectRow{receipt.split, receipt.generation, std::string("\xff\0 raw", 6),
                               "certify.rejected", "found nothing, expected something"}}));
  }
  options.at("rejected");
  return staged;
}

Result<StagedLoad> load_day(const Subject& subject, const Partition& day,
                            const StageOptions& options) {
  Status last;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    if (attempt > 0) {
      std::this_thread::sleep_for(std::chrono::seconds(1));  // as the engine would
    }
    DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
    auto staged = stage(subject, *sink, day, options);
    last = staged.ok() ? sink->commit(staged->load, staged->receipts) : staged.status();
    if (last.ok()) {
      return staged;
    }
    sink->abort();
    if (!is_retryable(last.code())) {
      break;
    }
  }
  return last;
}

Status tells_load(const Evidence& evidence, const StagedLoad& committed) {
  const Load& expected = committed.load;
  if (!evidence.load) {
    return broken_promise("after the commit receipts() knows no load");
  }
  const Load& found = *evidence.load;
  if (found.epoch != expected.epoch || found.run_id != expected.run_id ||
      found.rows_out != expected.rows_out || found.rejected != expected.rejected ||
      found.pipeline != expected.pipeline || found.config_digest != expected.config_digest) {
    return broken_promise("after the commit the load is epoch " + std::to_string(found.epoch) +
                          " run " + found.run_id + " rows " + std::to_string(found.rows_out) +
                          " rejected " + std::to_string(found.rejected) + ", expected epoch " +
                          std::to_string(expected.epoch) + " run " + expected.run_id + " rows " +
                          std::to_string(expected.rows_out) + " rejected " +
                          std::to_string(expected.rejected));
  }
  if (found.sums != expected.sums) {
    return broken_promise("after the commit the load's sums are not those that were committed");
  }
  if (found.committed_at.empty()) {
    return broken_promise("the load does not say when it was committed");
  }
  DAYMILL_TRY(same_receipts(evidence.receipts, committed.receipts));
  return evidence.difference.empty()
             ? ok_status()
             : broken_promise("just after the commit the target differs: " + evidence.difference);
}

Status same_evidence(const Evidence& now, const Evidence& before, const std::string& after_what) {
  const std::int64_t was = before.load ? before.load->epoch : 0;
  const std::int64_t is = now.load ? now.load->epoch : 0;
  if (was != is || receipt_texts(now.receipts) != receipt_texts(before.receipts) ||
      now.difference != before.difference) {
    return broken_promise(after_what + ": found the load of epoch " + std::to_string(is) + " and " +
                          std::to_string(now.receipts.size()) + " receipts, expected epoch " +
                          std::to_string(was) + " and " + std::to_string(before.receipts.size()) +
                          " as before" + (now.difference.empty() ? "" : "; the target differs: ") +
                          now.difference);
  }
  return {};
}

Status target_holds_rows(const Subject& subject, const Partition& day) {
  if (subject.component.abi_minor < 1) {
    return {};
  }
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  Status status = sink->begin(Attempt{day, 0, "certify-compare"});
  if (status.ok()) {
    DAYMILL_ASSIGN(const auto writer, sink->open());
    DAYMILL_TRY(writer->write(subject.rows.batch(0, subject.rows.size())));
    DAYMILL_TRY(writer->finish());
    const auto difference = sink->difference(3);
    status = difference.status();
    if (difference.ok() && !difference->empty()) {
      status = broken_promise("the target does not hold the rows that were committed: " +
                              std::to_string(difference->added) + " are missing, " +
                              std::to_string(difference->changed) + " differ, " +
                              std::to_string(difference->removed) + " are too many");
    }
  }
  sink->abort();
  return status.code() == Code::unsupported ? ok_status() : status;
}

}  // namespace daymill
