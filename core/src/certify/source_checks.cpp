// Sources: schemas, splits, readers and decoders. Nothing here changes what the source holds.
#include <set>
#include <thread>

#include "certify/check.hpp"
#include "certify/split_reading.hpp"
#include "plugin/plugin_object.hpp"

namespace daymill {

namespace {

using Functions = daymill_source_functions;

Result<Schema> ask_schema(PluginObject<Functions>& object,
                          daymill_code (*Functions::*member)(void*, daymill_schema*,
                                                             daymill_error*)) {
  detail::Received<daymill_schema> out;
  DAYMILL_TRY(object.call(member, out.out()));
  return detail::from_c(out.get());
}

CheckResult schema(const Subject& subject) {
  DAYMILL_ASSIGN(auto object, PluginObject<Functions>::create(subject.component, subject.settings,
                                                              subject.host));
  for (const auto member : {&Functions::schema, &Functions::raw_schema}) {
    DAYMILL_ASSIGN(const Schema first, ask_schema(*object, member));
    DAYMILL_ASSIGN(const Schema again, ask_schema(*object, member));
    if (!(first == again)) {
      return broken_promise("asked twice, it gave two schemas, expected the same each time");
    }
    if (first.size() == 0) {
      return broken_promise("found a schema without columns");
    }
    std::set<std::string> names;
    for (const Field& field : first.fields) {
      if (!names.insert(field.name).second) {
        return broken_promise("found two columns " + field.name);
      }
    }
  }
  DAYMILL_ASSIGN(const Schema typed, ask_schema(*object, &Functions::schema));
  for (const std::size_t measure : typed.with_role(Role::measure)) {
    if (typed.fields[measure].type != Type::int64) {
      return broken_promise("measure " + typed.fields[measure].name + " is " +
                            type_name(typed.fields[measure].type) + ", expected int64");
    }
  }
  return typed.with_role(Role::key).empty()
             ? broken_promise("found no key column, expected at least one")
             : ok_status();
}

CheckResult plan(const Subject& subject) {
  DAYMILL_ASSIGN(const auto source, subject.source());
  DAYMILL_ASSIGN(const std::vector<Split> first, source->plan(subject.day));
  DAYMILL_ASSIGN(const std::vector<Split> again, source->plan(subject.day));
  std::set<std::string> ids;
  for (const Split& split : first) {
    if (split.id.empty() || split.location.empty()) {
      return broken_promise("a split has no id or no location: \"" + printable(split.id) + "\"");
    }
    if (!ids.insert(split.id).second) {
      return broken_promise("two splits have the id " + printable(split.id));
    }
  }
  const auto same = [](const Split& a, const Split& b) {
    return a.id == b.id && a.present == b.present && a.removals == b.removals;
  };
  if (!std::equal(first.begin(), first.end(), again.begin(), again.end(), same)) {
    return broken_promise("planned twice, the splits differ, expected the same in the same order");
  }
  return {};
}

/// For the checks that read: `check` for each split that is there.
CheckResult each_split(const Subject& subject,
                       const std::function<Status(Source&, const Split&)>& check) {
  DAYMILL_ASSIGN(const auto source, subject.source());
  DAYMILL_ASSIGN(const std::vector<Split> splits, present_splits(subject, *source));
  if (splits.empty()) {
    return {Outcome::not_run, "the source holds nothing of " + subject.day.label +
                                  ": give a \"date\" that it has, see --config"};
  }
  for (const Split& split : splits) {
    DAYMILL_TRY(check(*source, split));
  }
  return {};
}

CheckResult read_twice(const Subject& subject) {
  return each_split(subject, [&](Source& source, const Split& split) -> Status {
    DAYMILL_ASSIGN(const SplitReading first, read_split(subject, source, split));
    DAYMILL_ASSIGN(const SplitReading again, read_split(subject, source, split));
    if (first.scan != Scan::stable || again.scan != Scan::stable) {
      return broken_promise("split " + split.id +
                            " was read to its end and is not confirmed, expected stable (does "
                            "somebody write to it?)");
    }
    return again.bag.same_as(first.bag, "the second reading of " + split.id + " against the first");
  });
}

CheckResult read_at_once(const Subject& subject) {
  constexpr std::size_t kReaders = 3;
  return each_split(subject, [&](Source& source, const Split& split) -> Status {
    DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
    DAYMILL_ASSIGN(const SplitReading alone, read_split(subject, source, split));
    std::vector<std::unique_ptr<Reader>> readers(kReaders);
    for (auto& reader : readers) {
      DAYMILL_ASSIGN(reader, source.open(subject.day, split));
    }
    std::vector<Status> ends(kReaders);
    std::vector<RowBag> bags(kReaders);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kReaders; ++i) {
      threads.emplace_back([&, i] {
        auto reading = read_all(subject, raw, split, std::move(readers[i]));
        ends[i] = reading.status();
        if (reading.ok()) {
          bags[i] = std::move(reading->bag);
        }
      });
    }
    threads.clear();
    for (std::size_t i = 0; i < kReaders; ++i) {
      DAYMILL_TRY(ends[i]);
      DAYMILL_TRY(bags[i].same_as(alone.bag, split.id + " read beside others against alone"));
    }
    return {};
  });
}

CheckResult decoded(const Subject& subject, Status (*check)(const LaneStand&)) {
  return each_split(subject, [&](Source& source, const Split& split) -> Status {
    DAYMILL_ASSIGN(const SplitReading reading, read_split(subject, source, split));
    DAYMILL_ASSIGN(const LaneStand stand, decoder_stand(subject, source, reading));
    return check(stand);
  });
}

CheckResult destroyed(const Subject& subject) {
  return each_split(subject, [&](Source& source, const Split& split) -> Status {
    DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
    DAYMILL_TRY(source.open(subject.day, split).status());  // and destroyed
    DAYMILL_ASSIGN(auto other, subject.source());
    DAYMILL_TRY(other->plan(subject.day).status());
    DAYMILL_ASSIGN(auto reader, other->open(subject.day, split));
    other.reset();
    return read_all(subject, raw, split, std::move(reader)).status();
  });
}

CheckResult source_stops(const Subject& subject) {
  DAYMILL_ASSIGN(const auto source, subject.source());
  DAYMILL_ASSIGN(const std::vector<Split> splits, present_splits(subject, *source));
  if (splits.empty()) {
    return {Outcome::not_run, "the source holds nothing of " + subject.day.label};
  }
  subject.host->stop();
  return check_stops(
      "reading", [&]() -> Status { return read_split(subject, *source, splits.front()).status(); });
}

}  // namespace

std::vector<Check> source_checks() {
  return {
      {"source.schema", "schemas are whole and the same each time", Needs::examples, 0, schema},
      {"source.plan", "splits have ids and places, the same each time", Needs::settings, 0, plan},
      {"source.read_twice", "valid batches, the same rows twice, confirmed", Needs::settings, 0,
       read_twice},
      {"source.readers", "several readers at once, each on a thread of its own", Needs::settings, 0,
       read_at_once},
      {"source.decoder_cutting", "the same typed rows, however raw rows are cut", Needs::settings,
       0, [](const Subject& subject) { return decoded(subject, check_batch_cutting); }},
      {"source.decoder_threads", "several decoders at once, and one that changes its thread",
       Needs::settings, 0,
       [](const Subject& subject) { return decoded(subject, check_lane_threads); }},
      {"source.decoder_destroyed", "decoders destroyed early", Needs::settings, 0,
       [](const Subject& subject) { return decoded(subject, check_lane_destroyed); }},
      {"source.destroyed", "readers destroyed unread, and living longer than the source",
       Needs::settings, 0, destroyed},
      {"source.stops", "asked to stop, it does soon", Needs::settings, 0, source_stops}};
}

}  // namespace daymill
