// What a run makes of its readings: what to commit, or that people have to decide.
#include "actions.hpp"

namespace daymill::model {

namespace {

void erase(World& world, int split, const File& file) {
  File* const files = world.files[split];
  int kept = 0;
  for (int i = 0; i < kFiles; ++i) {
    if (!(files[i] == file)) {
      files[kept++] = files[i];
    }
  }
  while (kept < kFiles) {
    files[kept++] = File{};
  }
}

}  // namespace

void Engine::judge(World& world, Runner& runner) const {
  for (int split = 0; split < kSplits; ++split) {
    bool sound = true;
    switch (action_of(runner, split)) {
      case Action::extract:
        sound = judge_first(world, runner, split);
        break;
      case Action::compare:
        sound = judge_second(world, runner, split);
        break;
      case Action::load_snapshot:
        runner.changes[split] = runner.loose[split];
        break;
      case Action::recover:
        sound = recover(world, runner, split);
        break;
      default:
        break;
    }
    if (!sound) {
      runner.step = Step::verdict;
      return;
    }
  }
  after_judge(runner);
}

bool Engine::judge_first(const World& world, Runner& runner, int split) const {
  const Reading& reading = runner.readings[split];
  const File& loose = runner.loose[split];
  if (loose && !(loose == reading.file)) {
    if (!exists(world, split, loose) || !covers(reading.content, loose.content, split)) {
      return false;
    }
  }
  runner.changes[split] = reading.file;
  return true;
}

bool Engine::judge_second(World& world, Runner& runner, int split) const {
  Reading& reading = runner.readings[split];
  const int newest = generations(runner.receipts[split]);
  const Receipt& receipt = runner.receipts[split][newest - 1];
  const bool loaded_exists = exists(world, split, receipt.file);
  if (equal(reading.content, receipt.file.content, split)) {
    if (!(reading.file == receipt.file)) {  // keep one file, under the receipt's name
      if (loaded_exists) {
        erase(world, split, reading.file);
      } else {
        for (File& file : world.files[split]) {
          file = file == reading.file ? receipt.file : file;
        }
      }
      reading.file = receipt.file;
    }
    return true;
  }
  if (receipt.removed != 0 || !loaded_exists ||
      !covers(reading.content, receipt.file.content, split)) {
    return false;
  }
  runner.changes[split] = reading.file;
  return true;
}

bool Engine::recover(const World& world, Runner& runner, int split) const {
  const int removals = world.redis.removals[split];
  const int receipted = generations(runner.receipts[split]);
  if (removals > receipted + 1) {
    return false;
  }
  // A load that makes the day smaller is refused.
  const Ids loaded = removals == 0 ? Ids{0} : runner.receipts[split][removals - 1].file.content;
  if (count(world.redis.removed[split]) < count(loaded)) {
    return false;
  }
  for (const File& file : world.files[split]) {
    if (file.generation == removals && (is(Mutant::any_snapshot_recovered) ||
                                        equal(file.content, world.redis.removed[split], split))) {
      runner.changes[split] = file;  // the newest one stays
    }
  }
  return static_cast<bool>(runner.changes[split]);
}

void Engine::after_judge(Runner& runner) const {
  bool changes = false;
  for (const File& change : runner.changes) {
    changes |= static_cast<bool>(change);
  }
  if (!changes) {
    return next_removal(runner, 0);
  }
  if (is(Mutant::removal_before_commit) && runner.step == Step::judge) {
    for (int split = 0; split < kSplits; ++split) {
      if (runner.changes[split] && runner.readings[split].watch == Watch::held) {
        runner.split = static_cast<Byte>(split);
        runner.step = Step::early_removal;
        return;
      }
    }
  }
  if (runner.claim == Claim::none) {
    runner.to_commit = 1;
    runner.step = Step::claim;
    return;
  }
  runner.step = Step::stage;
}

}  // namespace daymill::model
