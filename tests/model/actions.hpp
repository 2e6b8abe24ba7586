// What can happen in the model. Every move is atomic; between any two, any other can come.
#pragma once

#include <string>
#include <vector>

#include "mutants.hpp"
#include "plan/reconcile.hpp"
#include "state.hpp"

namespace daymill::model {

struct Bounds {
  std::vector<Increment> increments;  ///< the first `initial` are there from the beginning
  int initial = 2;
  int crashes = 0;
  int failovers = 0;    ///< each takes back up to kPast operations
  int disk_losses = 0;  ///< all snapshots gone
  int sink_losses = 0;  ///< the sink restored to what it was before its newest commit
};

enum class MoveKind : Byte { run, crash, write, failover, disk_loss, sink_loss, prune };

struct Move {
  MoveKind kind = MoveKind::run;
  Byte what = 0;  ///< runner, increment, operations lost, or file
};

/// What a move led to, besides the new state.
struct Outcome {
  const char* violation = nullptr;
  bool decision = false;  ///< a run ended with NEEDS_DECISION
  bool finished = false;  ///< a run ended with DONE or EMPTY
};

class Engine {
 public:
  Engine(Bounds bounds, Mutant mutant);

  [[nodiscard]] World initial() const;
  [[nodiscard]] std::vector<Move> moves(const World& world) const;
  /// Makes the move; checks what must hold at the very moment (removal, pruning).
  Outcome apply(World& world, Move move) const;
  /// Equal states become identical; true when the runners changed places.
  bool normalize(World& world) const;
  [[nodiscard]] std::string describe(const World& before, Move move) const;

  [[nodiscard]] int value(Ids ids, int split, int field) const {
    return count(static_cast<Ids>(ids & fields_[split][field]));
  }
  /// Same fingerprint.
  [[nodiscard]] bool equal(Ids a, Ids b, int split) const;
  /// Field by field not smaller.
  [[nodiscard]] bool covers(Ids newer, Ids older, int split) const;
  [[nodiscard]] const Bounds& bounds() const { return bounds_; }

 private:
  [[nodiscard]] bool is(Mutant mutant) const { return mutant_ == mutant; }
  [[nodiscard]] int size(Ids ids, int split) const;

  void remember(World& world) const;
  void touch(World& world, int split) const;
  void write(World& world, int id) const;
  void fail_over(World& world, int operations) const;
  static void lose_disk(World& world);
  void back_up_sink(World& world) const;
  static void lose_commit(World& world);
  void prune(World& world, int which, Outcome& outcome) const;

  void run(World& world, int runner, Outcome& outcome) const;
  void take_step(World& world, int runner, Outcome& outcome) const;
  void look_sink(World& world, int runner) const;
  void look_source(World& world, int runner, Outcome& outcome) const;
  bool decide(const World& world, Runner& runner) const;
  void claim(World& world, int runner) const;
  void grant_claim(World& world, int runner) const;
  void next_open(Runner& runner, int from) const;
  void next_scan(Runner& runner, int from) const;
  void open(World& world, Runner& runner) const;
  void scan(World& world, Runner& runner) const;
  void confirm(World& world, Runner& runner) const;
  void publish(World& world, Runner& runner, int split) const;
  void judge(World& world, Runner& runner) const;
  bool judge_first(const World& world, Runner& runner, int split) const;
  bool judge_second(World& world, Runner& runner, int split) const;
  bool recover(const World& world, Runner& runner, int split) const;
  void after_judge(Runner& runner) const;
  void stage(World& world, Runner& runner) const;
  void commit(World& world, int runner) const;
  void write_receipts(World& world, Runner& runner) const;
  void discard(World& world, Runner& runner) const;
  void next_removal(Runner& runner, int from) const;
  void remove(World& world, Runner& runner, Outcome& outcome) const;
  void remove_by_proof(World& world, Runner& runner, int split, int generation, Ids content,
                       Outcome& outcome) const;
  void record_absent(World& world, Runner& runner, int split) const;
  void unlink(World& world, Runner& runner, int split, int generation, Ids content,
              Outcome& outcome) const;
  void set_record(World& world, int split, int generation, Ids content) const;
  void mark(World& world, Runner& runner) const;
  void verdict(World& world, int runner, Outcome& outcome) const;
  void look_again(Runner& runner, bool keep_readings) const;
  void collect_garbage(World& world) const;

  Bounds bounds_;
  Mutant mutant_;
  Ids fields_[kSplits][kFields] = {};
  Ids splits_[kSplits] = {};
};

/// What was decided for a split.
inline Action action_of(const Runner& runner, int split) {
  return static_cast<Action>(runner.decision[split]);
}

bool exists(const World& world, int split, const File& file);

}  // namespace daymill::model
