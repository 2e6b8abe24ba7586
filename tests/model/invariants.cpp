#include "invariants.hpp"

namespace daymill::model {

namespace {

constexpr int kLongestRun = 400;

/// Redis itself lost operations: what counts is that no field of what Redis still knows of is
/// short.
bool holds_as_much(const Engine& engine, const World& world) {
  for (int split = 0; split < kSplits; ++split) {
    const auto here = static_cast<Ids>(world.table.once | world.redis.held[split]);
    if (!engine.covers(here, world.redis.history, split)) {
      return false;
    }
  }
  return true;
}

bool lost(const Engine& engine, const World& world) {
  if (world.lossy != 0) {
    return !holds_as_much(engine, world);
  }
  Ids here = world.table.once;
  for (const Ids held : world.redis.held) {
    here |= held;
  }
  if (world.sink_losses != 0 && world.disk_losses != 0) {
    return false;  // nobody has it any more: a run must not say done
  }
  // What the sink lost again has to be in a snapshot until it is loaded again.
  for (int split = 0; split < kSplits && world.sink_losses != 0; ++split) {
    for (const File& file : world.files[split]) {
      here |= file.content;
    }
  }
  return (world.acknowledged & ~here) != 0;
}

}  // namespace

const char* violation_of(const Engine& engine, const World& world) {
  Counts receipted;
  bool files_there = true;
  for (int split = 0; split < kSplits; ++split) {
    for (const Receipt& receipt : world.receipts[split]) {
      if (receipt.file) {
        receipted.add(receipt.file.content);
        files_there &= exists(world, split, receipt.file);
      }
    }
  }
  if (world.table.twice != 0) {
    return "COUNTED TWICE: the table counts an increment more than once";
  }
  if (lost(engine, world)) {
    return "LOST: an increment is neither in the source nor in the table";
  }
  if (!(receipted == world.table)) {
    return "UNRECEIPTED: the table is not what the receipts say";
  }
  if (!files_there && world.disk_losses == 0 && world.sink_losses == 0) {
    return "NOT REPLAYABLE: the snapshot that a receipt names is gone";
  }
  return nullptr;
}

const char* violation_of_decision(const World& world) {
  return world.lossy != 0 || world.disk_losses != 0 || world.sink_losses != 0
             ? nullptr
             : "FALSE ALARM: a decision is asked for although nothing was lost";
}

const char* violation_in_the_end(const Engine& engine, World world) {
  for (Runner& runner : world.runners) {
    runner = kIdleRunner;
  }
  for (int step = 0; step < kLongestRun; ++step) {
    const Outcome outcome = engine.apply(world, Move{MoveKind::run, 0});
    if (outcome.violation != nullptr) {
      return outcome.violation;
    }
    if (const char* violation = violation_of(engine, world)) {
      return violation;
    }
    if (outcome.decision) {
      return violation_of_decision(world);
    }
    if (outcome.finished) {
      const bool empty = world.redis.held[0] == 0 && world.redis.held[1] == 0;
      const bool complete = world.lossy != 0 || world.table.once == world.acknowledged;
      return empty && complete ? nullptr : "STUCK: a run says done, but the day is not";
    }
  }
  return "STUCK: repeated runs come to no end";
}

}  // namespace daymill::model
