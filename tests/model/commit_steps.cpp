// The steps of a run from its stage on: commit, removal by proof, and the verdict.
#include <algorithm>
#include <iterator>

#include "actions.hpp"

namespace daymill::model {

namespace {

/// The receipts as they will be after the changes.
void receipts_after(const Runner& runner, Receipts& receipts) {
  for (int split = 0; split < kSplits; ++split) {
    for (int g = 0; g < kGenerations; ++g) {
      receipts[split][g] = runner.receipts[split][g];
    }
    if (const File& change = runner.changes[split]) {
      receipts[split][change.generation - 1] = Receipt{change, 0};
    }
  }
}

bool has_superseded(const World& world, const Runner& runner) {
  for (int split = 0; split < kSplits; ++split) {
    if (exists(world, split, runner.replaced[split]) || exists(world, split, runner.loose[split])) {
      return true;
    }
  }
  return false;
}

bool has_snapshot(const World& world, int split, int generation, Ids content) {
  return std::any_of(
      std::begin(world.files[split]), std::end(world.files[split]),
      [&](const File& file) { return file.generation == generation && file.content == content; });
}

bool vanished(const Runner& runner, int split) {
  const Action action = action_of(runner, split);
  return action == Action::load_snapshot || action == Action::record_removal;
}

}  // namespace

/// COPY into the stage of this epoch, from the files that the receipts name.
void Engine::stage(World& world, Runner& runner) const {
  Receipts receipts;
  receipts_after(runner, receipts);
  Counts counts;
  for (int split = 0; split < kSplits; ++split) {
    for (const Receipt& receipt : receipts[split]) {
      const bool skipped = is(Mutant::additive_load) && !(receipt.file == runner.changes[split]);
      if (!receipt.file || skipped) {
        continue;
      }
      if (exists(world, split, receipt.file)) {
        counts.add(receipt.file.content);
      } else if (!is(Mutant::receipts_not_compared)) {
        runner.step = Step::verdict;
        return;
      }
    }
    for (const File& file : world.files[split]) {
      bool receipted = false;
      for (const Receipt& receipt : receipts[split]) {
        receipted |= receipt.file == file;
      }
      if (is(Mutant::all_files_replayed) && file && !receipted) {
        counts.add(file.content);
      }
    }
  }
  runner.staged = 1;
  runner.stage = counts;
  if (is(Mutant::stage_by_name)) {
    world.common_stage = counts;
  }
  runner.step = Step::commit;
}

void Engine::commit(World& world, int runner_index) const {
  Runner& runner = world.runners[runner_index];
  if (runner.claim != Claim::ours) {
    runner = kIdleRunner;  // FENCED
    return;
  }
  Receipts receipts;
  receipts_after(runner, receipts);
  const bool compares = !is(Mutant::receipts_not_compared) && !is(Mutant::receipts_read_with_lock);
  for (int split = 0; split < kSplits && compares; ++split) {
    for (int g = 0; g < kGenerations; ++g) {
      if (world.receipts[split][g].file && !receipts[split][g].file) {
        runner.step = Step::verdict;  // the day would be replaced by a part of it
        return;
      }
    }
  }
  back_up_sink(world);
  if (is(Mutant::additive_load)) {
    world.table.twice |= runner.stage.twice | (world.table.once & runner.stage.once);
    world.table.once |= runner.stage.once;
  } else {
    world.table = is(Mutant::stage_by_name) ? world.common_stage : runner.stage;
  }
  for (int index = 0; index < kRunners; ++index) {
    Runner& other = world.runners[index];
    other.load_moved |= index != runner_index && other.step != Step::idle ? 1 : 0;
  }
  write_receipts(world, runner);
  runner.claim = Claim::none;  // used
  runner.staged = 0;
  runner.stage = Counts{};
  if (is(Mutant::discard_by_generation) || has_superseded(world, runner)) {
    runner.step = Step::discard;
  } else {
    discard(world, runner);  // nothing to delete, now or later
  }
}

void Engine::write_receipts(World& world, Runner& runner) const {
  for (int split = 0; split < kSplits; ++split) {
    const File& change = runner.changes[split];
    if (!change) {
      continue;
    }
    Receipt& known = runner.receipts[split][change.generation - 1];
    runner.replaced[split] = known.file;
    known = Receipt{change, 0};
    if (!is(Mutant::additive_load)) {
      world.receipts[split][change.generation - 1] = known;
    }
  }
}

/// Superseded are the file that the receipts named before and the reading that was found loose; a
/// file that came later may be somebody's newer receipt.
void Engine::discard(World& world, Runner& runner) const {
  for (int split = 0; split < kSplits; ++split) {
    const File change = runner.changes[split];
    int kept = 0;
    File* const files = world.files[split];
    for (int i = 0; i < kFiles; ++i) {
      const bool older = files[i] == runner.replaced[split] || files[i] == runner.loose[split] ||
                         is(Mutant::discard_by_generation);
      if (!(change && files[i].generation == change.generation && !(files[i] == change) && older)) {
        files[kept++] = files[i];
      }
    }
    while (kept < kFiles) {
      files[kept++] = File{};
    }
    runner.changes[split] = File{};
    runner.replaced[split] = File{};
    runner.loose[split] = File{};
  }
  next_removal(runner, 0);
}

void Engine::next_removal(Runner& runner, int from) const {
  for (int split = from; split < kSplits; ++split) {
    const int newest = generations(runner.receipts[split]);
    const Reading& reading = runner.readings[split];
    const bool read = newest > 0 && reading.generation == newest;
    const bool none = action_of(runner, split) == Action::none && !read;
    if (newest == 0 || none) {
      continue;
    }
    if (vanished(runner, split) || (read && reading.confirmed != 0)) {
      runner.step = Step::remove;
      runner.split = static_cast<Byte>(split);
      return;
    }
    runner.unsettled = 1;
  }
  if (runner.unsettled != 0) {
    return look_again(runner, false);
  }
  runner = kIdleRunner;
}

void Engine::remove(World& world, Runner& runner, Outcome& outcome) const {
  const int split = runner.split;
  if (runner.step == Step::early_removal) {
    const File& change = runner.changes[split];
    remove_by_proof(world, runner, split, change.generation, change.content, outcome);
    return;
  }
  const int newest = generations(runner.receipts[split]);
  if (vanished(runner, split)) {
    return record_absent(world, runner, split);
  }
  remove_by_proof(world, runner, split, newest, runner.receipts[split][newest - 1].file.content,
                  outcome);
}

void Engine::remove_by_proof(World& world, Runner& runner, int split, int generation, Ids content,
                             Outcome& outcome) const {
  Reading& reading = runner.readings[split];
  const bool early = runner.step == Step::early_removal;
  const int removals = world.redis.removals[split];
  if (removals >= generation && reading.watch != Watch::none) {
    if (removals == generation && equal(world.redis.removed[split], content, split)) {
      runner.step = Step::mark;  // removed before
    } else {
      runner.step = Step::verdict;
    }
    return;
  }
  const bool unguarded = is(Mutant::no_watch) || reading.watch == Watch::none;
  if (reading.watch == Watch::held || unguarded) {
    unlink(world, runner, split, generation, content, outcome);
  } else if (is(Mutant::proof_reused) && reading.watch == Watch::broken) {
    reading.watch = Watch::none;  // and once more
    return;
  } else if (early) {
    runner.readings[split].watch = Watch::lost;
  } else {
    runner.unsettled = 1;
    next_removal(runner, split + 1);
  }
  if (is(Mutant::shared_connection)) {
    for (Reading& other : runner.readings) {
      other.watch = other.watch == Watch::lost ? Watch::lost : Watch::none;
    }
  }
  if (early) {
    after_judge(runner);
  }
}

void Engine::unlink(World& world, Runner& runner, int split, int generation, Ids content,
                    Outcome& outcome) const {
  const Ids held = world.redis.held[split];
  const bool counted = world.lossy != 0 ? equal(held, content, split) : held == content;
  Ids receipted = 0;
  for (const Receipt& receipt : world.receipts[split]) {
    receipted |= receipt.file.content;
  }
  const bool committed = world.lossy != 0 ? covers(receipted, held, split)
                                          : (held & ~(receipted & world.table.once)) == 0;
  // After the sink lost a commit, the snapshot that the record will name is as good.
  const bool kept = world.sink_losses != 0 &&
                    (world.disk_losses != 0 || has_snapshot(world, split, generation, content));
  if (!counted || !(committed || kept)) {
    outcome.violation = "REMOVED EARLY: the sink's receipts do not hold what was removed";
  }
  remember(world);
  world.redis.held[split] = 0;
  if (is(Mutant::record_outside_multi)) {
    runner.step = Step::record;
  } else {
    set_record(world, split, generation, content);
    if (runner.step != Step::early_removal) {
      runner.step = Step::mark;
    }
  }
  touch(world, split);
  runner.readings[split].watch = Watch::lost;  // taken
}

void Engine::set_record(World& world, int split, int generation, Ids content) const {
  world.redis.removals[split] = static_cast<Byte>(generation);
  world.redis.removed[split] = content;
}

/// The key is gone already: only the record is set, if it still is.
void Engine::record_absent(World& world, Runner& runner, int split) const {
  const int newest = generations(runner.receipts[split]);
  if (newest == 0) {
    return next_removal(runner, split + 1);
  }
  const Ids content = runner.receipts[split][newest - 1].file.content;
  const int removals = world.redis.removals[split];
  if (removals == newest && equal(world.redis.removed[split], content, split)) {
    runner.step = Step::mark;
  } else if (removals >= newest) {
    runner.step = Step::verdict;
  } else if (world.redis.held[split] != 0) {
    runner.unsettled = 1;
    next_removal(runner, split + 1);
  } else {
    remember(world);
    set_record(world, split, newest, content);
    touch(world, split);
    runner.step = Step::mark;
  }
}

void Engine::mark(World& world, Runner& runner) const {
  const int split = runner.split;
  const int newest = generations(runner.receipts[split]);
  if (runner.step == Step::record) {
    const Ids content = runner.receipts[split][newest - 1].file.content;
    remember(world);
    set_record(world, split, newest, content);
    touch(world, split);
    runner.step = Step::mark;
    return;
  }
  if (Receipt& receipt = world.receipts[split][newest - 1]; receipt.file) {
    receipt.removed = 1;
  }
  next_removal(runner, split + 1);
}

/// A decision is asked for only on evidence that is still what it was: otherwise another round.
void Engine::verdict(World& world, int runner_index, Outcome& outcome) const {
  Runner& runner = world.runners[runner_index];
  Runner now = runner;
  for (int split = 0; split < kSplits; ++split) {
    for (int g = 0; g < kGenerations; ++g) {
      now.receipts[split][g] = world.receipts[split][g];
    }
  }
  bool moved = runner.load_moved != 0 || !decide(world, now);
  for (int split = 0; split < kSplits; ++split) {
    moved |= now.decision[split] != runner.decision[split] ||
             now.generation[split] != runner.generation[split];
  }
  if (moved && !is(Mutant::hasty_verdict)) {
    return look_again(runner, false);
  }
  runner = kIdleRunner;
  outcome.decision = true;
}

}  // namespace daymill::model
