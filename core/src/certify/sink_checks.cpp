// Sinks: what an attempt leaves, and what receipts tell of it. These checks write days of the
// target, each its own, as the pipeline daymill_certify.
#include "certify/check.hpp"
#include "certify/lane_checks.hpp"
#include "certify/sink_attempt.hpp"

namespace daymill {

namespace {

CheckResult identity(const Subject& subject) {
  DAYMILL_ASSIGN(const auto sink, subject.sink());
  sink->abort();  // harmless before anything began
  DAYMILL_TRY(sink->bind(subject.rows.schema(), "daymill_certify"));
  DAYMILL_TRY(sink->bind(subject.rows.schema(), "daymill_certify"));
  DAYMILL_ASSIGN(const auto other, bound_sink(subject));
  DAYMILL_ASSIGN(const std::string first, sink->identity());
  DAYMILL_ASSIGN(const std::string second, other->identity());
  return first == second ? ok_status()
                         : broken_promise("two sinks with the same settings are \"" + first +
                                          "\" and \"" + second + "\", expected one identity");
}

CheckResult gives_up(const Subject& subject) {
  const Partition day = day_of(subject, 1);
  DAYMILL_ASSIGN(const auto reader, bound_sink(subject));
  DAYMILL_ASSIGN(const Evidence before, reader->receipts(day, false));
  {
    DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
    DAYMILL_ASSIGN(const std::int64_t epoch, sink->claim(day));
    DAYMILL_TRY(sink->begin(Attempt{day, epoch, "certify"}));
    DAYMILL_ASSIGN(auto writer, sink->open());
    DAYMILL_TRY(writer->write(subject.rows.batch(0, 10)));
    writer.reset();  // not finished
    sink->abort();
    sink->abort();
  }
  {
    DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
    DAYMILL_TRY(stage(subject, *sink, day).status());
    sink->abort();
  }
  {
    DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
    DAYMILL_TRY(stage(subject, *sink, day).status());  // and destroyed without a word
  }
  DAYMILL_ASSIGN(const Evidence after, reader->receipts(day, true));
  return same_evidence(after, before, "after attempts that were given up");
}

CheckResult commits(const Subject& subject) {
  const Partition day = day_of(subject, 2);
  for (const std::int64_t batch_rows : {std::int64_t{1000}, std::int64_t{7}}) {
    StageOptions options;
    options.batch_rows = batch_rows;
    DAYMILL_ASSIGN(const StagedLoad committed, load_day(subject, day, options));
    if (!subject.component.can(DAYMILL_SINK_RECEIPTS)) {
      continue;
    }
    DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
    DAYMILL_ASSIGN(const Evidence evidence, sink->receipts(day, false));
    DAYMILL_TRY(tells_load(evidence, committed));
    DAYMILL_TRY(target_holds_rows(subject, day));
  }
  return {};
}

CheckResult empty_day(const Subject& subject) {
  Subject empty = subject;
  empty.rows = ProbeRows::made_up(subject.rows.schema(), 0);
  return load_day(empty, day_of(subject, 3)).status();
}

CheckResult fences(const Subject& subject) {
  const Partition day = day_of(subject, 4);
  DAYMILL_ASSIGN(const auto older, bound_sink(subject));
  DAYMILL_ASSIGN(const StagedLoad late, stage(subject, *older, day));
  DAYMILL_ASSIGN(const StagedLoad newer, load_day(subject, day));
  if (newer.load.epoch <= late.load.epoch) {
    return broken_promise("the second claim gave epoch " + std::to_string(newer.load.epoch) +
                          " after " + std::to_string(late.load.epoch) + ", expected a higher one");
  }
  const Status refused = older->commit(late.load, late.receipts);
  older->abort();
  if (refused.code() != Code::fenced) {
    return broken_promise("the commit of an older epoch answered " +
                          (refused.ok() ? "OK" : refused.to_string()) + ", expected FENCED");
  }
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  DAYMILL_ASSIGN(const Evidence evidence, sink->receipts(day, false));
  return tells_load(evidence, newer);
}

/// A commit that `spoil` made wrong is refused and leaves nothing.
Status refused(const Subject& subject, const Partition& day, const std::string& what,
               void (*spoil)(StagedLoad&)) {
  DAYMILL_TRY(load_day(subject, day).status());
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  DAYMILL_ASSIGN(const Evidence before, sink->receipts(day, false));
  DAYMILL_ASSIGN(StagedLoad staged, stage(subject, *sink, day));
  spoil(staged);
  const Status answer = sink->commit(staged.load, staged.receipts);
  sink->abort();
  if (answer.ok()) {
    return broken_promise(what + " was committed, expected an error");
  }
  DAYMILL_ASSIGN(const auto reader, bound_sink(subject));
  DAYMILL_ASSIGN(const Evidence after, reader->receipts(day, true));
  return same_evidence(after, before, "after " + what + " was refused");
}

CheckResult verifies(const Subject& subject) {
  const Partition day = day_of(subject, 5);
  DAYMILL_TRY(refused(subject, day, "a load with a wrong number of rows",
                      [](StagedLoad& staged) { ++staged.load.rows_out; }));
  if (subject.rows.sums().empty()) {
    return {};
  }
  return refused(subject, day, "a load with a wrong sum",
                 [](StagedLoad& staged) { ++staged.load.sums.front().value; });
}

CheckResult keeps_receipts(const Subject& subject) {
  return refused(subject, day_of(subject, 6), "a load without a receipt that is committed",
                 [](StagedLoad& staged) { staged.receipts.erase(staged.receipts.begin()); });
}

CheckResult marks_removed(const Subject& subject) {
  const Partition day = day_of(subject, 7);
  DAYMILL_ASSIGN(const StagedLoad committed, load_day(subject, day));
  const Receipt& last = committed.receipts.back();
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  for (int i = 0; i < 2; ++i) {
    DAYMILL_TRY(sink->mark_removed(day, last.split, last.generation));
  }
  DAYMILL_ASSIGN(const Evidence evidence, sink->receipts(day, false));
  for (const Receipt& receipt : evidence.receipts) {
    if (receipt.split == last.split && receipt.generation == last.generation) {
      return receipt.removed ? ok_status()
                             : broken_promise("the receipt does not say that it was removed");
    }
  }
  return broken_promise("the receipt is gone after it was marked as removed");
}

CheckResult stores_rejects(const Subject& subject) {
  const Partition day = day_of(subject, 8);
  DAYMILL_TRY(load_day(subject, day).status());
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  const auto rejects = sink->rejects(day, 10);
  if (rejects.status().code() == Code::unsupported) {
    return {Outcome::not_applicable, "it stores rejects and does not give them back"};
  }
  DAYMILL_TRY(rejects.status());
  return rejects->size() == 1 && rejects->front().raw == std::string("\xff\0 raw", 6) &&
                 rejects->front().reason == "certify.rejected"
             ? ok_status()
             : broken_promise("of one reject of the newest load, it gave back " +
                              std::to_string(rejects->size()) +
                              " or another one, expected just that, byte for byte");
}

CheckResult sink_stops(const Subject& subject) {
  const Partition day = day_of(subject, 9);
  DAYMILL_ASSIGN(const auto sink, bound_sink(subject));
  DAYMILL_ASSIGN(const std::int64_t epoch, sink->claim(day));
  subject.host->stop();
  return check_stops("an attempt", [&]() -> Status {
    Status status = sink->begin(Attempt{day, epoch, "certify"});
    if (status.ok()) {
      DAYMILL_ASSIGN(const auto writer, sink->open());
      status = writer->write(subject.rows.batch(0, subject.rows.size()));
      status = status.ok() ? writer->finish() : status;
    }
    sink->abort();
    return status;
  });
}

}  // namespace

std::vector<Check> sink_checks() {
  const std::uint32_t receipts = DAYMILL_SINK_RECEIPTS;
  return {
      {"sink.identity", "bound twice, and one identity for the same settings", Needs::settings, 0,
       identity},
      {"sink.gives_up", "attempts without a commit leave nothing", Needs::settings, 0, gives_up},
      {"sink.commits", "what was committed is there, and receipts tell it", Needs::settings, 0,
       commits},
      {"sink.empty_day", "a day without rows", Needs::settings, 0, empty_day},
      {"sink.fences", "an older epoch cannot commit", Needs::settings, DAYMILL_SINK_FENCES, fences},
      {"sink.verifies", "rows and sums that are not the load's are refused", Needs::settings,
       receipts, verifies},
      {"sink.keeps_receipts", "a load that forgets a receipt is refused", Needs::settings, receipts,
       keeps_receipts},
      {"sink.marks_removed", "a removal is noted, twice as well as once", Needs::settings, receipts,
       marks_removed},
      {"sink.stores_rejects", "rejects are given back", Needs::settings,
       DAYMILL_SINK_STORES_REJECTS, stores_rejects},
      {"sink.stops", "asked to stop, it does soon", Needs::settings, 0, sink_stops}};
}

}  // namespace daymill
