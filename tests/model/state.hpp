// The world of the model: a Redis, a sink, a folder of snapshots, two runners. Increments have ids;
// what runners decide depends on values only (how many increments a field holds), never on ids.
// Plain bytes throughout, so that a state can be compared and hashed as it lies in memory.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace daymill::model {

constexpr int kRunners = 2;
constexpr int kSplits = 2;
constexpr int kFields = 2;       // of a split
constexpr int kGenerations = 3;  // of a split
constexpr int kFiles = 6;        // snapshot files of a split
constexpr int kPast = 3;         // operations that a failover can take back
constexpr int kMaxIncrements = 6;

using Byte = std::uint8_t;
using Ids = std::uint8_t;  ///< a set of increments

/// Which field an increment goes to. Bit 0 of `Ids` is increment 0.
struct Increment {
  int split;
  int field;
};

/// A snapshot file: named by generation, content and a number that tells equal ones apart.
struct File {
  Byte generation = 0;  ///< 0: no file
  Byte number = 0;
  Ids content = 0;
  friend bool operator==(const File&, const File&) = default;
  explicit operator bool() const { return generation != 0; }
};

/// Row g - 1 of a split is the receipt of generation g.
struct Receipt {
  File file;
  Byte removed = 0;
};
using Receipts = Receipt[kSplits][kGenerations];

/// What the table counts: each increment never, once, or more often.
struct Counts {
  Ids once = 0;
  Ids twice = 0;
  void add(Ids ids) {
    twice |= once & ids;
    once |= ids;
  }
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct Redis {
  Ids held[kSplits] = {};
  Byte removals[kSplits] = {};  ///< the removal record
  Ids removed[kSplits] = {};    ///< its fingerprint
  Ids history = 0;              ///< increments that this server knows of
  friend bool operator==(const Redis&, const Redis&) = default;
};

enum class Watch : Byte { none, held, broken, lost };

struct Reading {
  Byte generation = 0;  ///< 0: none
  Watch watch = Watch::none;
  Byte confirmed = 0;
  Byte again = 0;        ///< it changed while it was read; one more try
  Byte removals = 0;     ///< the record as the connection found it
  Byte size = 0;         ///< HLEN before
  Byte fields_read = 0;  ///< while it is being read
  Ids content = 0;
  File file;
};

/// What a runner does next.
enum class Step : Byte {
  idle,
  look_sink,
  look_source,
  claim,
  claim_granted,  ///< only where the receipts are read in the locking statement
  open,
  scan,
  confirm,
  judge,
  early_removal,  ///< only where removal comes before the commit
  stage,
  commit,
  discard,
  remove,
  record,  ///< only where the record is outside the MULTI
  mark,
  verdict,  ///< about to ask for a decision
};

enum class Claim : Byte { none, passed, ours };  ///< passed: somebody claimed after us

struct Runner {
  Step step = Step::idle;
  Byte split = 0;
  Claim claim = Claim::none;
  Byte second_look = 0;
  Byte to_commit = 0;   ///< after the second look comes the commit
  Byte load_moved = 0;  ///< somebody committed since the receipts were read
  Byte unsettled = 0;
  Byte decision[kSplits] = {};
  Byte generation[kSplits] = {};
  Byte removals[kSplits] = {};
  File loose[kSplits];
  Receipts receipts;
  File replaced[kSplits];  ///< what the receipts named before the commit
  Reading readings[kSplits];
  File changes[kSplits];
  Byte staged = 0;
  Counts stage;
};

inline constexpr Runner kIdleRunner;

struct World {
  Redis redis;
  Redis past[kPast];  ///< oldest first
  Byte past_size = 0;
  Receipts receipts;
  Counts table;
  Receipts backup_receipts;  ///< what a restored backup of the sink holds: all but the last commit
  Counts backup_table;
  Byte has_backup = 0;
  Counts common_stage;
  File files[kSplits][kFiles];  ///< oldest first
  Ids acknowledged = 0;
  Byte crashes = 0;
  Byte failovers = 0;
  Byte disk_losses = 0;
  Byte sink_losses = 0;
  Byte lossy = 0;  ///< a failover took operations back
  Runner runners[kRunners];
};
static_assert(std::has_unique_object_representations_v<World>);

inline int generations(const Receipt (&receipts)[kGenerations]) {
  int newest = 0;
  while (newest < kGenerations && receipts[newest].file) {
    ++newest;
  }
  return newest;
}

inline int count(Ids ids) {
  return std::popcount(ids);
}

}  // namespace daymill::model
