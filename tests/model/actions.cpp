// What the world does: writers, crashes, a failover, a lost disk. The runners' steps are in
// runner_steps.cpp.
#include "actions.hpp"

#include <cstring>
#include <utility>

namespace daymill::model {

namespace {

/// Calls visit(file) for every file that somebody knows by name.
template <typename Visit>
void for_each_name(const World& world, int split, const Visit& visit) {
  for (const Receipt& receipt : world.receipts[split]) {
    visit(receipt.file);
  }
  for (const Receipt& receipt : world.backup_receipts[split]) {
    visit(receipt.file);
  }
  for (const Runner& runner : world.runners) {
    for (const Receipt& receipt : runner.receipts[split]) {
      visit(receipt.file);
    }
    visit(runner.readings[split].file);
    visit(runner.changes[split]);
    visit(runner.loose[split]);
    visit(runner.replaced[split]);
  }
}

bool is_named(const World& world, int split, const File& file) {
  bool named = false;
  for_each_name(world, split, [&](const File& other) { named |= other == file; });
  return named;
}

const char* step_text(Step step) {
  switch (step) {
    case Step::idle:
      return "starts a run and reads the receipts";
    case Step::look_sink:
      return "reads the receipts";
    case Step::look_source:
      return "looks at the source and the snapshots, and decides";
    case Step::claim:
      return "claims the partition";
    case Step::claim_granted:
      return "gets the fence, with the receipts as they were before it waited";
    case Step::open:
      return "opens a connection, WATCH, GET record";
    case Step::scan:
      return "scans a field";
    case Step::confirm:
      return "asks for HLEN and record again, publishes the snapshot";
    case Step::judge:
      return "judges its readings";
    case Step::early_removal:
      return "removes before the commit";
    case Step::stage:
      return "stages the snapshots of all receipts";
    case Step::commit:
      return "commits";
    case Step::discard:
      return "deletes superseded snapshots";
    case Step::remove:
      return "EXEC: unlink and record";
    case Step::record:
      return "sets the record";
    case Step::mark:
      return "notes the removal in the receipt";
    case Step::verdict:
      return "is about to ask for a decision";
  }
  return "";
}

}  // namespace

bool exists(const World& world, int split, const File& file) {
  for (const File& other : world.files[split]) {
    if (other == file && file) {
      return true;
    }
  }
  return false;
}

Engine::Engine(Bounds bounds, Mutant mutant) : bounds_(std::move(bounds)), mutant_(mutant) {
  for (std::size_t id = 0; id < bounds_.increments.size(); ++id) {
    const Increment& increment = bounds_.increments[id];
    fields_[increment.split][increment.field] |= static_cast<Ids>(1U << id);
    splits_[increment.split] |= static_cast<Ids>(1U << id);
  }
}

int Engine::size(Ids ids, int split) const {
  int fields = 0;
  for (int field = 0; field < kFields; ++field) {
    fields += value(ids, split, field) > 0 ? 1 : 0;
  }
  return fields;
}

bool Engine::equal(Ids a, Ids b, int split) const {
  return covers(a, b, split) && covers(b, a, split);
}

bool Engine::covers(Ids newer, Ids older, int split) const {
  for (int field = 0; field < kFields; ++field) {
    if (value(newer, split, field) < value(older, split, field)) {
      return false;
    }
  }
  return true;
}

World Engine::initial() const {
  World world;
  for (int id = 0; id < bounds_.initial; ++id) {
    write(world, id);
  }
  world.past_size = 0;
  std::memset(static_cast<void*>(world.past), 0, sizeof world.past);
  return world;
}

std::vector<Move> Engine::moves(const World& world) const {
  std::vector<Move> moves;
  for (Byte runner = 0; runner < kRunners; ++runner) {
    // Two idle runners are the same runner.
    const bool twin = runner > 0 && world.runners[0].step == Step::idle &&
                      world.runners[runner].step == Step::idle;
    if (!twin) {
      moves.push_back({MoveKind::run, runner});
    }
    if (world.runners[runner].step != Step::idle && world.crashes < bounds_.crashes) {
      moves.push_back({MoveKind::crash, runner});
    }
  }
  for (std::size_t id = 0; id < bounds_.increments.size(); ++id) {
    const Increment& increment = bounds_.increments[id];
    const auto bit = static_cast<Ids>(1U << id);
    const auto before =
        static_cast<Ids>(fields_[increment.split][increment.field] & static_cast<Ids>(bit - 1));
    // Those of one field are alike: they come in their order.
    if ((world.acknowledged & bit) == 0 && (before & ~world.acknowledged) == 0) {
      moves.push_back({MoveKind::write, static_cast<Byte>(id)});
    }
  }
  if (world.failovers < bounds_.failovers) {
    for (Byte lost = 0; lost <= world.past_size; ++lost) {
      moves.push_back({MoveKind::failover, lost});
    }
  }
  if (world.disk_losses < bounds_.disk_losses) {
    moves.push_back({MoveKind::disk_loss, 0});
  }
  if (world.has_backup != 0) {
    moves.push_back({MoveKind::sink_loss, 0});
  }
  if (is(Mutant::loose_snapshot_pruned)) {
    for (Byte which = 0; which < kSplits * kFiles; ++which) {
      if (world.files[which / kFiles][which % kFiles]) {
        moves.push_back({MoveKind::prune, which});
      }
    }
  }
  return moves;
}

Outcome Engine::apply(World& world, Move move) const {
  Outcome outcome;
  switch (move.kind) {
    case MoveKind::run:
      run(world, move.what, outcome);
      break;
    case MoveKind::crash:
      ++world.crashes;
      world.runners[move.what] = kIdleRunner;
      break;
    case MoveKind::write:
      write(world, move.what);
      break;
    case MoveKind::failover:
      fail_over(world, move.what);
      break;
    case MoveKind::disk_loss:
      lose_disk(world);
      break;
    case MoveKind::sink_loss:
      lose_commit(world);
      break;
    case MoveKind::prune:
      prune(world, move.what, outcome);
      break;
  }
  return outcome;
}

/// Before an operation that a failover could take back.
void Engine::remember(World& world) const {
  if (world.failovers >= bounds_.failovers) {
    return;
  }
  if (world.past_size == kPast) {
    std::memmove(world.past, world.past + 1, sizeof(Redis) * (kPast - 1));
    --world.past_size;
  }
  world.past[world.past_size++] = world.redis;
}

/// Somebody wrote to the key or its record: every WATCH of it is broken.
void Engine::touch(World& world, int split) const {
  for (Runner& runner : world.runners) {
    if (runner.readings[split].watch == Watch::held) {
      runner.readings[split].watch = Watch::broken;
    }
  }
}

void Engine::write(World& world, int id) const {
  const int split = bounds_.increments[static_cast<std::size_t>(id)].split;
  const auto bit = static_cast<Ids>(1U << id);
  remember(world);
  world.redis.held[split] |= bit;
  world.redis.history |= bit;
  world.acknowledged |= bit;
  touch(world, split);
}

void Engine::fail_over(World& world, int operations) const {
  ++world.failovers;
  if (operations > 0) {
    world.redis = world.past[world.past_size - operations];
    world.past_size = static_cast<Byte>(world.past_size - operations);
    world.lossy = 1;
  }
  for (Runner& runner : world.runners) {
    for (Reading& reading : runner.readings) {
      if (reading.watch != Watch::none) {
        reading.watch = Watch::lost;
      }
    }
  }
}

void Engine::lose_disk(World& world) {
  ++world.disk_losses;
  std::memset(static_cast<void*>(world.files), 0, sizeof world.files);
}

/// Before a commit that a restored backup of the sink will lack.
void Engine::back_up_sink(World& world) const {
  if (world.sink_losses >= bounds_.sink_losses) {
    return;
  }
  std::memcpy(world.backup_receipts, world.receipts, sizeof world.receipts);
  world.backup_table = world.table;
  world.has_backup = 1;
}

/// The sink is what it was before its newest commit; its sessions are gone, claims and stages with
/// them. Runners find out when they need it next.
void Engine::lose_commit(World& world) {
  ++world.sink_losses;
  std::memcpy(world.receipts, world.backup_receipts, sizeof world.receipts);
  world.table = world.backup_table;
  for (Runner& runner : world.runners) {
    runner.claim = runner.claim == Claim::none ? Claim::none : Claim::passed;
    runner.load_moved = runner.step != Step::idle ? 1 : 0;
  }
}

void Engine::prune(World& world, int which, Outcome& outcome) const {
  const int split = which / kFiles;
  File* const files = world.files[split];
  const int at = which % kFiles;
  for (const Receipt& receipt : world.receipts[split]) {
    if (receipt.file == files[at]) {
      return;  // receipted
    }
  }
  if ((files[at].content & ~(world.redis.held[split] | world.table.once)) != 0) {
    outcome.violation = "LOST: the pruned snapshot was the only copy of an increment";
  }
  for (int i = at; i < kFiles; ++i) {
    files[i] = i + 1 < kFiles ? files[i + 1] : File{};
  }
}

/// Files that nobody will ever look at again are no difference between two states.
void Engine::collect_garbage(World& world) const {
  if (is(Mutant::all_files_replayed)) {
    return;
  }
  for (int split = 0; split < kSplits; ++split) {
    const int receipted = generations(world.receipts[split]);
    File kept[kFiles];
    int size = 0;
    for (int i = 0; i < kFiles && world.files[split][i]; ++i) {
      const File& file = world.files[split][i];
      bool newest = file.generation > receipted;
      for (int later = i + 1; later < kFiles; ++later) {
        newest &= world.files[split][later].generation != file.generation;
      }
      const bool recorded = bounds_.sink_losses > 0 &&
                            file.generation == world.redis.removals[split] &&
                            equal(file.content, world.redis.removed[split], split);
      if (newest || recorded || is_named(world, split, file)) {
        kept[size++] = file;
      }
    }
    std::memcpy(static_cast<void*>(world.files[split]), kept, sizeof kept);
  }
}

bool Engine::normalize(World& world) const {
  if (world.failovers >= bounds_.failovers) {
    std::memset(static_cast<void*>(world.past), 0, sizeof world.past);
    world.past_size = 0;
  }
  if (world.sink_losses >= bounds_.sink_losses) {
    std::memset(static_cast<void*>(world.backup_receipts), 0, sizeof world.backup_receipts);
    world.backup_table = Counts{};
    world.has_backup = 0;
  }
  for (int i = world.past_size; i < kPast; ++i) {
    world.past[i] = Redis{};
  }
  for (Runner& runner : world.runners) {
    if (runner.step == Step::idle) {
      runner = kIdleRunner;
    }
  }
  collect_garbage(world);
  if (std::memcmp(&world.runners[0], &world.runners[1], sizeof(Runner)) > 0) {
    std::swap(world.runners[0], world.runners[1]);
    return true;
  }
  return false;
}

std::string Engine::describe(const World& before, Move move) const {
  switch (move.kind) {
    case MoveKind::run: {
      const Runner& runner = before.runners[move.what];
      std::string text = step_text(runner.step);
      const bool of_split = runner.step == Step::open || runner.step == Step::scan ||
                            runner.step == Step::confirm || runner.step == Step::remove ||
                            runner.step == Step::record || runner.step == Step::mark;
      return of_split ? "split " + std::to_string(runner.split) + ": " + text : text;
    }
    case MoveKind::crash:
      return "crashes";
    case MoveKind::write: {
      const Increment& increment = bounds_.increments[move.what];
      return "a client adds increment " + std::to_string(move.what) + " to split " +
             std::to_string(increment.split) + " field " + std::to_string(increment.field);
    }
    case MoveKind::failover:
      return "Redis fails over and loses " + std::to_string(move.what) + " operations";
    case MoveKind::disk_loss:
      return "the snapshots' disk is lost";
    case MoveKind::sink_loss:
      return "the sink is restored from a backup that lacks its newest commit";
    case MoveKind::prune:
      return "a snapshot is pruned";
  }
  return "";
}

}  // namespace daymill::model
