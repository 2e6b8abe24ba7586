// The steps of a run until it has read, as core/src/run/attempt_run.cpp takes them; what is decided
// is decided by the engine's own reconcile(). judge_steps.cpp and commit_steps.cpp go on.
#include <array>

#include "actions.hpp"

namespace daymill::model {

namespace {

struct Choice {
  Byte action = 0;
  Byte generation = 0;
};

/// reconcile() is a pure function of little: every answer is asked for once.
Choice ask(bool present, int removals, int receipted, bool same, bool removed, bool loose) {
  static std::array<Choice, 2 * 4 * 4 * 2 * 2 * 2> answers{};
  const int at = (((present ? 1 : 0) * 4 + removals) * 4 + receipted) * 8 + (same ? 4 : 0) +
                 (removed ? 2 : 0) + (loose ? 1 : 0);
  Choice& answer = answers[static_cast<std::size_t>(at)];
  if (answer.action == 0) {
    SplitEvidence evidence;
    evidence.present = present;
    evidence.removals = removals;
    evidence.receipted = receipted;
    evidence.removed_fingerprint = "that of the record";
    evidence.receipt_fingerprint = same ? evidence.removed_fingerprint : "another";
    evidence.receipt_removed = removed;
    evidence.loose_snapshot = loose;
    const Decision decision = reconcile(evidence);
    answer = {static_cast<Byte>(decision.action), static_cast<Byte>(decision.generation)};
  }
  return answer;
}

/// What is loose is of no interest to it.
bool action_is_blind(const Choice& choice) {
  const auto action = static_cast<Action>(choice.action);
  return action != Action::extract && action != Action::load_snapshot;
}

bool reads(const Runner& runner, int split) {
  const Action action = action_of(runner, split);
  return action == Action::extract || action == Action::compare;
}

bool loads(const Runner& runner) {
  for (int split = 0; split < kSplits; ++split) {
    const Action action = action_of(runner, split);
    if (action == Action::extract || action == Action::load_snapshot || action == Action::recover) {
      return true;
    }
  }
  return false;
}

/// Nobody else can tell when it is done.
bool is_private(const Runner& runner) {
  if (runner.step != Step::judge) {
    return false;
  }
  for (int split = 0; split < kSplits; ++split) {
    const Action action = action_of(runner, split);
    if (action == Action::compare || action == Action::recover ||
        (action == Action::extract && runner.loose[split])) {
      return false;
    }
  }
  return true;
}

}  // namespace

/// One step, and those after it that only the runner itself can notice.
void Engine::run(World& world, int runner, Outcome& outcome) const {
  take_step(world, runner, outcome);
  while (is_private(world.runners[runner])) {
    take_step(world, runner, outcome);
  }
}

void Engine::take_step(World& world, int runner_index, Outcome& outcome) const {
  Runner& runner = world.runners[runner_index];
  switch (runner.step) {
    case Step::idle:
    case Step::look_sink:
      return look_sink(world, runner_index);
    case Step::look_source:
      return look_source(world, runner_index, outcome);
    case Step::claim:
      return claim(world, runner_index);
    case Step::claim_granted:
      return grant_claim(world, runner_index);
    case Step::open:
      return open(world, runner);
    case Step::scan:
      return scan(world, runner);
    case Step::confirm:
      return confirm(world, runner);
    case Step::judge:
      return judge(world, runner);
    case Step::stage:
      return stage(world, runner);
    case Step::commit:
      return commit(world, runner_index);
    case Step::discard:
      return discard(world, runner);
    case Step::early_removal:
    case Step::remove:
      return remove(world, runner, outcome);
    case Step::record:
    case Step::mark:
      return mark(world, runner);
    case Step::verdict:
      return verdict(world, runner_index, outcome);
  }
}

/// Another round, or another attempt.
void Engine::look_again(Runner& runner, bool keep_readings) const {
  Runner next;
  next.step = Step::look_sink;
  next.claim = runner.claim;
  next.load_moved = runner.load_moved;
  if (keep_readings) {
    for (int split = 0; split < kSplits; ++split) {
      next.readings[split] = runner.readings[split];
    }
  }
  runner = next;
}

void Engine::look_sink(World& world, int runner_index) const {
  Runner& runner = world.runners[runner_index];
  if (runner.load_moved != 0) {
    if (!is(Mutant::readings_outlive_evidence)) {
      for (Reading& reading : runner.readings) {
        reading = Reading{};
      }
    }
    runner.second_look = runner.second_look != 0 ? 2 : 0;  // 2: it has changed
  }
  runner.load_moved = 0;
  for (int split = 0; split < kSplits; ++split) {
    for (int g = 0; g < kGenerations; ++g) {
      runner.receipts[split][g] = world.receipts[split][g];
    }
  }
  runner.step = Step::look_source;
}

/// Fills in the decisions; false when one of them goes beyond what the model can hold.
bool Engine::decide(const World& world, Runner& runner) const {
  bool representable = true;
  for (int split = 0; split < kSplits; ++split) {
    const int receipted = generations(runner.receipts[split]);
    runner.loose[split] = File{};
    for (const File& file : world.files[split]) {
      if (file.generation == receipted + 1) {
        runner.loose[split] = file;  // the newest one stays
      }
    }
    runner.removals[split] = world.redis.removals[split];
    const bool same = receipted == 0 || is(Mutant::record_not_compared) ||
                      equal(world.redis.removed[split],
                            runner.receipts[split][receipted - 1].file.content, split);
    Choice choice = ask(world.redis.held[split] != 0, runner.removals[split], receipted, same,
                        receipted > 0 && runner.receipts[split][receipted - 1].removed != 0,
                        static_cast<bool>(runner.loose[split]));
    if (action_is_blind(choice)) {
      runner.loose[split] = File{};
    }
    if (is(Mutant::lost_commit_unnoticed) && choice.action == static_cast<Byte>(Action::recover)) {
      choice.action = static_cast<Byte>(Action::none);
    }
    runner.decision[split] = choice.action;
    runner.generation[split] = choice.generation;
    representable &= choice.generation <= kGenerations;
  }
  return representable;
}

void Engine::look_source(World& world, int runner_index, Outcome& outcome) const {
  Runner& runner = world.runners[runner_index];
  const Runner before = runner;
  if (!decide(world, runner)) {
    runner = kIdleRunner;
    return;
  }
  bool idle = true;
  bool changed = before.second_look == 2;
  for (int split = 0; split < kSplits; ++split) {
    if (action_of(runner, split) == Action::decide) {
      runner.step = Step::verdict;
      return;
    }
    idle &= action_of(runner, split) == Action::none;
    changed |= before.decision[split] != runner.decision[split] ||
               before.generation[split] != runner.generation[split];
  }
  if (before.second_look != 0) {
    runner.second_look = 0;
    if (changed) {
      return look_again(runner, true);
    }
    runner.to_commit = 0;
    return before.to_commit != 0 ? void(runner.step = Step::stage) : next_open(runner, 0);
  }
  if (idle) {
    runner = kIdleRunner;
    outcome.finished = true;
    return;
  }
  if (loads(runner) && runner.claim == Claim::none) {
    runner.step = Step::claim;
    return;
  }
  next_open(runner, 0);
}

void Engine::claim(World& world, int runner_index) const {
  Runner& runner = world.runners[runner_index];
  if (is(Mutant::receipts_read_with_lock)) {
    runner.second_look = 1;
    look_sink(world, runner_index);
    runner.step = Step::claim_granted;
    return;
  }
  for (Runner& other : world.runners) {
    other.claim = other.claim == Claim::none ? Claim::none : Claim::passed;
  }
  runner.claim = Claim::ours;
  if (is(Mutant::stage_cleaned_by_name)) {
    world.table = Counts{};
  }
  if (is(Mutant::no_second_look)) {
    runner.load_moved = 0;
    return runner.to_commit != 0 ? void(runner.step = Step::stage) : next_open(runner, 0);
  }
  runner.second_look = 1;
  runner.step = Step::look_sink;
}

void Engine::grant_claim(World& world, int runner_index) const {
  Runner& runner = world.runners[runner_index];
  for (Runner& other : world.runners) {
    other.claim = other.claim == Claim::none ? Claim::none : Claim::passed;
  }
  runner.claim = Claim::ours;
  runner.load_moved = 0;
  runner.step = Step::look_source;
}

void Engine::next_open(Runner& runner, int from) const {
  for (int split = from; split < kSplits; ++split) {
    const Reading& reading = runner.readings[split];
    if (reads(runner, split) &&
        (reading.generation != runner.generation[split] || reading.again == 1)) {
      runner.step = Step::open;
      runner.split = static_cast<Byte>(split);
      return;
    }
  }
  next_scan(runner, 0);
}

void Engine::next_scan(Runner& runner, int from) const {
  for (int split = from; split < kSplits; ++split) {
    const Reading& reading = runner.readings[split];
    if (reading.generation != 0 && !reading.file && reading.again != 1) {
      runner.step = Step::scan;
      runner.split = static_cast<Byte>(split);
      return;
    }
  }
  for (const Reading& reading : runner.readings) {
    if (reading.again == 1) {
      return next_open(runner, 0);
    }
  }
  runner.split = 0;
  for (int split = 0; split < kSplits; ++split) {
    runner.removals[split] = 0;  // told its connection, not needed any more
  }
  runner.step = Step::judge;
}

void Engine::open(World& world, Runner& runner) const {
  const int split = runner.split;
  if (world.redis.removals[split] != runner.removals[split]) {
    runner.claim = Claim::none;  // CONFLICT: the attempt ends
    return look_again(runner, false);
  }
  Reading& reading = runner.readings[split];
  const Byte again = reading.again == 1 ? 2 : 0;
  reading = Reading{};
  reading.again = again;
  reading.generation = runner.generation[split];
  reading.watch = Watch::held;
  reading.removals = world.redis.removals[split];
  reading.size = static_cast<Byte>(size(world.redis.held[split], split));
  next_open(runner, split + 1);
}

void Engine::scan(World& world, Runner& runner) const {
  const int split = runner.split;
  Reading& reading = runner.readings[split];
  if (reading.watch == Watch::lost) {
    runner.claim = Claim::none;
    return look_again(runner, false);
  }
  do {  // a field of which there is no increment is no step
    reading.content |= world.redis.held[split] & fields_[split][reading.fields_read];
    ++reading.fields_read;
  } while (reading.fields_read < kFields && fields_[split][reading.fields_read] == 0);
  if (reading.fields_read == kFields) {
    runner.step = Step::confirm;
  }
}

void Engine::confirm(World& world, Runner& runner) const {
  const int split = runner.split;
  Reading& reading = runner.readings[split];
  if (reading.watch == Watch::lost) {
    runner.claim = Claim::none;
    return look_again(runner, false);
  }
  const bool same_record = world.redis.removals[split] == reading.removals;
  if (!same_record && !is(Mutant::mixed_reading_kept)) {
    // CONFLICT: what was read may be of two generations.
    runner.claim = Claim::none;
    return look_again(runner, false);
  }
  const int rows = size(reading.content, split);
  const bool stable =
      rows == reading.size && size(world.redis.held[split], split) == rows && same_record;
  if (!stable && reading.again == 0 && !is(Mutant::mixed_reading_kept)) {
    reading = Reading{};
    reading.again = 1;
    reading.generation = runner.generation[split];
    return next_scan(runner, split + 1);
  }
  reading.confirmed = stable ? 1 : 0;
  reading.again = 0;
  reading.size = 0;
  reading.fields_read = 0;
  publish(world, runner, split);
  next_scan(runner, split + 1);
}

void Engine::publish(World& world, Runner& runner, int split) const {
  Reading& reading = runner.readings[split];
  File file{reading.generation, 0, reading.content};
  collect_garbage(world);
  for (;; ++file.number) {
    bool taken = exists(world, split, file);
    for (const Runner& other : world.runners) {
      for (const Receipt& receipt : other.receipts[split]) {
        taken |= receipt.file == file;
      }
      taken |= other.readings[split].file == file || other.changes[split] == file ||
               other.loose[split] == file || other.replaced[split] == file;
    }
    for (const Receipt& receipt : world.receipts[split]) {
      taken |= receipt.file == file;
    }
    if (!taken) {
      break;
    }
  }
  for (File& slot : world.files[split]) {
    if (!slot) {
      slot = file;
      reading.file = file;
      return;
    }
  }
  runner = kIdleRunner;  // beyond what the model can hold: the run gives up
}

}  // namespace daymill::model
