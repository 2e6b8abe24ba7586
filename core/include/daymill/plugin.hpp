// The classes a plugin implements: Source, Transform, Sink, and what they hand out. A complete
// transform:
//
//   #include <daymill/plugin.hpp>
//
//   class Lane final : public daymill::Lane {
//     daymill::Status process(daymill::RecordBatch in, daymill::Emitter& out) override { return
//     out.emit(std::move(in)); }
//   };
//   class Pass final : public daymill::Transform {
//    public:
//     static daymill::Result<std::unique_ptr<daymill::Transform>> create(const daymill::Config&,
//     daymill::Host) {
//       return std::make_unique<Pass>();
//     }
//     daymill::Result<daymill::Schema> bind(const daymill::Schema& in) override { return in; }
//     daymill::Result<std::unique_ptr<daymill::Lane>> open(const daymill::Partition&) override {
//     return std::make_unique<Lane>(); }
//   };
//   DAYMILL_PLUGIN("pass", "1.0.0", daymill::transform<Pass>("pass", daymill::ConfigSpec("Passes
//   rows on")))
//
// Inside a plugin exceptions may be used: the thunks behind DAYMILL_PLUGIN (detail/thunks.hpp)
// catch whatever leaves a function and turn it into INTERNAL (std::bad_alloc: RESOURCE_EXHAUSTED).
//
// THREADS
//   Source, Transform, Sink   the control thread only, never concurrently
//   Reader, Lane, Writer      one thread at a time, which may change; several of them run
//   concurrently Host                      any thread
// Blocking calls look at Host::stop_requested() at least once a second and return Code::cancelled;
// every socket has a time limit. Nothing in a plugin retries or sleeps: say UNAVAILABLE, TIMEOUT or
// CONFLICT, and the engine tries again.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daymill/abi.h"
#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
#include "daymill/config.hpp"
#include "daymill/partition.hpp"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"

namespace daymill {

/// The engine as a plugin sees it. Cheap to copy; valid as long as the plugin's object.
class Host {
 public:
  Host() = default;
  explicit Host(const daymill_host* host) : host_(host) {}

  /// Never pass a secret.
  void info(std::string_view message) const { log(DAYMILL_LOG_INFO, message); }
  void warn(std::string_view message) const { log(DAYMILL_LOG_WARNING, message); }
  void debug(std::string_view message) const { log(DAYMILL_LOG_DEBUG, message); }
  /// Somebody asked to stop: return Code::cancelled soon.
  [[nodiscard]] bool stop_requested() const {
    return host_ != nullptr && host_->stop_requested(host_->self) != 0;
  }

 private:
  void log(std::int32_t level, std::string_view message) const {
    if (host_ != nullptr) {
      host_->log(host_->self, level, daymill_text{message.data(), message.size()});
    }
  }
  const daymill_host* host_ = nullptr;
};

// ---- Lanes
// -------------------------------------------------------------------------------------------------------------------

/// A row that cannot be used, by its number in the batch being processed.
struct Rejection {
  std::int64_t row = 0;
  std::string_view reason;    ///< short stable code: "field.no_separator"
  std::string_view message;   ///< for people: found and expected
  std::int32_t measure = -1;  ///< index of the measure in the lane's output schema that the row
                              ///< would have added `amount` to, or -1. Transforms leave it at -1:
                              ///< the engine takes all amounts from the row that went in
  std::int64_t amount = 0;
};

/// Where a lane puts its results. Pass an error on to your caller.
class Emitter {
 public:
  virtual ~Emitter() = default;
  virtual Status emit(RecordBatch batch) = 0;
  virtual Status reject(const Rejection& rejection) = 0;
};

/// A decoder or a transform at work on one partition.
class Lane {
 public:
  virtual ~Lane() = default;
  /// Takes a batch of the input schema; emits any number of batches of the output schema.
  virtual Status process(RecordBatch in, Emitter& out) = 0;
  /// After the last batch.
  virtual Status finish(Emitter& /*out*/) { return {}; }
};

// ---- Source
// ------------------------------------------------------------------------------------------------------------------

/// A part of a partition that is read, receipted and removed on its own.
struct Split {
  std::string id;        ///< stable across runs: a Redis key, a file name
  std::string location;  ///< for people: "redis 127.0.0.1:6379 key clicklog_keys:20261122"
  bool present = true;   ///< the source holds it now
  std::int64_t estimated_rows = -1;  ///< -1: unknown
  std::int64_t removals = 0;         ///< by the removal record: how often it was removed before
  std::string removed_fingerprint;   ///< by the removal record, of the last removal
  std::string removed_by;            ///< by the removal record: the pipeline
  std::string record_problem;        ///< not empty: the removal record cannot be understood
};

enum class ReadState : std::int32_t { more = DAYMILL_READ_MORE, end = DAYMILL_READ_END };
enum class Scan : std::int32_t { stable = DAYMILL_SCAN_STABLE, changed = DAYMILL_SCAN_CHANGED };
enum class Removal : std::int32_t {
  removed = DAYMILL_REMOVED,
  already_removed = DAYMILL_ALREADY_REMOVED,  ///< the removal record names this generation
  changed = DAYMILL_REMOVAL_CHANGED,  ///< the split is not what the proof saw; nothing was removed
};

/// How far a reading has come in the order of keys that the splits of a partition are read in: a
/// place of that order is a number, whatever the source makes of it.
struct ReadPosition {
  static constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t complete = 0;  ///< all rows with a key before it have been given
  std::uint64_t reached = 0;   ///< all rows that have been given have a key before it
};

/// Reads one split from its first row to its last, as raw rows. While it lives it may hold what
/// makes the split safe to remove (for Redis: the connection and its WATCH), so the engine keeps it
/// until the removal.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Appends some rows (a page; zero is allowed) of the raw schema to `out`.
  virtual Result<ReadState> read(BatchBuilder& out) = 0;
  /// After the end: `distinct_rows` is how many different rows came. Was the split unchanged from
  /// the first to the last row, and is that all of it?
  virtual Result<Scan> confirm(std::int64_t /*distinct_rows*/) { return Scan::stable; }
  /// Only with the capability DAYMILL_SOURCE_READS_IN_ORDER, before the first read() and after
  /// each. Neither place ever falls. At the end `complete` is kEnd, and `reached` may be less.
  virtual Result<ReadPosition> position() {
    return Status(Code::unsupported, "this source reads in no order");
  }
};

/// On whose word something is removed.
enum class RemovalKind : std::int32_t {
  by_proof = DAYMILL_REMOVE_BY_PROOF,  ///< the sink holds exactly what the reader read
  discard = DAYMILL_REMOVE_DISCARD,    ///< somebody decided that what the reader read is not to be
                                       ///< counted; removed if it is still that
  record_only =
      DAYMILL_REMOVE_RECORD_ONLY,  ///< somebody decided so: only the removal record is set, if it
                                   ///< is still what the split says; the split stays
};

/// What a removal is done against: a receipt that the sink has committed, or a decision.
struct RemovalProof {
  Reader* reader = nullptr;     ///< read exactly what the receipt names; null: the split is absent,
                                ///< only record its removal
  std::int64_t generation = 0;  ///< of the receipt; the removal record becomes this number. With a
                                ///< decision it may be 0: the removal record is deleted
  std::string fingerprint;      ///< of the receipt
  std::string pipeline;
  std::string sink;  ///< identity of the sink that holds the receipt
  RemovalKind kind = RemovalKind::by_proof;
};

class Source {
 public:
  virtual ~Source() = default;
  /// Keys, measures and attributes of the rows that decoders give. Known before any data moves;
  /// needs no connection.
  virtual Result<Schema> schema() = 0;
  /// Of the rows that readers give. Its key fields decide which rows belong together (rows with
  /// equal typed keys must have equal bytes there); without any, all rows of the partition are
  /// combined at once, in memory.
  virtual Result<Schema> raw_schema() { return schema(); }
  /// The splits of a partition, those that are absent too when they are known by name.
  virtual Result<std::vector<Split>> plan(const Partition& partition) = 0;
  virtual Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) = 0;
  /// Raw rows of the split to typed rows (schema()) and rejections. A measure that the split does
  /// not carry is a null column. Needs no connection. The default, for sources whose raw rows are
  /// typed already, passes rows on.
  virtual Result<std::unique_ptr<Lane>> decoder(const Partition& partition,
                                                std::string_view split_id);
  /// Only with the capability DAYMILL_SOURCE_REMOVES_BY_PROOF. Idempotent.
  virtual Result<Removal> remove(const Partition& /*partition*/, const Split& /*split*/,
                                 const RemovalProof& /*proof*/) {
    return Status(Code::unsupported, "this source cannot remove");
  }
  /// Labels of the partitions the source holds now.
  virtual Result<std::vector<std::string>> inventory() {
    return Status(Code::unsupported, "this source has no inventory");
  }
  /// Reaches the server; lines for people, those that begin with "warning:" or "error:" are
  /// findings.
  virtual Result<std::vector<std::string>> check() { return std::vector<std::string>{}; }
};

/// The default decoder.
class PassLane final : public Lane {
 public:
  Status process(RecordBatch in, Emitter& out) override { return out.emit(std::move(in)); }
};

inline Result<std::unique_ptr<Lane>> Source::decoder(const Partition& /*partition*/,
                                                     std::string_view /*split_id*/) {
  return std::unique_ptr<Lane>(std::make_unique<PassLane>());
}

// ---- Transform
// ---------------------------------------------------------------------------------------------------------------

class Transform {
 public:
  virtual ~Transform() = default;
  /// Schema in to schema out; pure, before any data moves. SCHEMA_MISMATCH names column, found and
  /// expected.
  virtual Result<Schema> bind(const Schema& in) = 0;
  virtual Result<std::unique_ptr<Lane>> open(const Partition& partition) = 0;
};

// ---- Sink
// --------------------------------------------------------------------------------------------------------------------

struct Sum {
  std::string measure;
  std::int64_t value = 0;
  friend bool operator==(const Sum& a, const Sum& b) {
    return a.measure == b.measure && a.value == b.value;
  }
};

/// Proof that one generation of one split is in the target.
struct Receipt {
  std::string split;
  std::int64_t generation = 0;
  std::int64_t epoch = 0;
  std::string fingerprint;
  std::int64_t rows_in = 0;
  std::string snapshot;         ///< file name
  bool removed = false;         ///< the sink was told of the removal
  std::string removed_at = {};  ///< RFC 3339, when it was told; set by the sink, empty: unknown
};

/// One committed load of a partition.
struct Load {
  std::int64_t epoch = 0;
  std::string pipeline;
  std::string run_id;
  std::int64_t rows_out = 0;
  std::int64_t rejected = 0;
  std::int64_t filtered = 0;
  std::vector<Sum> sums;  ///< of the rows in the target, measures in schema order
  std::string config_digest;
  std::string plugins;       ///< JSON
  std::string committed_at;  ///< RFC 3339; set by the sink
};

/// What somebody decided about a partition that needed it.
struct OperatorDecision {
  std::string choice;      ///< "as-new", "replace", "discard", "adopt"
  std::string decided_by;  ///< user@host
  std::string reason;      ///< as given
  std::string detail;      ///< what the evidence was
  std::string decided_at;  ///< RFC 3339; set by the sink
};

/// What the sink holds of a partition.
struct Evidence {
  std::int64_t epoch = 0;  ///< highest claimed, 0: never
  std::optional<Load> load;
  std::vector<Receipt> receipts;
  std::string difference;  ///< not empty: the target no longer holds what the load wrote
  std::vector<OperatorDecision> decisions = {};  ///< oldest first
};

/// Evidence of one of many partitions; its difference is not looked for.
struct PartitionEvidence {
  std::string partition;  ///< label
  Evidence evidence;
};

enum class RowChangeKind : std::int32_t {
  added = DAYMILL_ROW_ADDED,
  changed = DAYMILL_ROW_CHANGED,
  removed = DAYMILL_ROW_REMOVED,
};

/// One row that a commit would change, as texts for people.
struct RowChange {
  RowChangeKind kind = RowChangeKind::added;
  std::string key;     ///< "7, shoes"
  std::string before;  ///< "clicks 3, ctr 0.1": what differs; empty for an added row
  std::string after;   ///< empty for a removed row
};

/// What a commit of the staged rows would change in the target.
struct Difference {
  std::int64_t rows_before = 0;  ///< of the day in the target now
  std::int64_t rows_after = 0;
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t removed = 0;
  std::vector<Sum> before;  ///< sums of the measures in the target now
  std::vector<Sum> after;
  std::vector<RowChange> examples;

  [[nodiscard]] bool empty() const { return added == 0 && changed == 0 && removed == 0; }
};

struct Attempt {
  Partition partition;
  std::int64_t epoch = 0;  ///< 0: a rehearsal without a claim; rows are staged and compared, then
                           ///< given up, never committed
  std::string run_id;
  bool replace_foreign = false;  ///< rows of the day that no load wrote may be replaced
  bool adopt = false;  ///< the rows of the day stay as they are, whoever wrote them: commit checks
                       ///< that their count and sums are the load's and writes load and receipts
};

struct RejectRow {
  std::string split;
  std::int64_t generation = 0;
  std::string raw;  ///< any bytes
  std::string reason;
  std::string message;
};

/// Takes the rows of one attempt. Destroyed without finish(): what it wrote is given up.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Status write(RecordBatch batch) = 0;
  virtual Status finish() = 0;
};

/// Order of calls: check_rows, bind, receipts, claim, receipts, begin, open → Writer, write...,
/// finish, reject..., difference, commit or abort, mark_removed. A rehearsal claims nothing and
/// ends with abort. history, rejects and note_decision may be called whenever the sink is bound.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Could rows of this schema go into the target as it is configured? For `daymill validate`:
  /// reaches no server and no file. SCHEMA_MISMATCH or INVALID_CONFIG names the column.
  virtual Status check_rows(const Schema& /*rows*/) { return {}; }
  /// Checks the target against the rows' schema, or creates it when configured. `pipeline` owns the
  /// receipts.
  virtual Status bind(const Schema& rows, const std::string& pipeline) = 0;
  /// What is committed for the partition. With `settle`: first waits until no other attempt on it
  /// is under way.
  virtual Result<Evidence> receipts(const Partition& partition, bool settle) = 0;
  /// Takes the partition for a new attempt: the next epoch, written where the data is.
  virtual Result<std::int64_t> claim(const Partition& partition) = 0;
  virtual Status begin(const Attempt& attempt) = 0;
  virtual Result<std::unique_ptr<Writer>> open() = 0;
  virtual Status reject(const std::vector<RejectRow>& rows) = 0;
  /// Verifies that rows and sums in the target are the load's, replaces the partition, writes load
  /// and receipts: all or nothing. `receipts` are all receipts of the partition, old ones included.
  /// FENCED when the epoch is no longer the highest, NEEDS_DECISION when rows would be overwritten
  /// that no load wrote, COMMIT_UNKNOWN when the answer to COMMIT was lost.
  virtual Status commit(const Load& load, const std::vector<Receipt>& receipts) = 0;
  /// Gives up the attempt; called after any error, never fails.
  virtual void abort() noexcept = 0;
  /// Notes that the source no longer holds the generation. For people and for the evidence;
  /// idempotent.
  virtual Status mark_removed(const Partition& partition, const std::string& split,
                              std::int64_t generation) = 0;
  /// One text that names the target wherever it is reached from: "postgres:<system
  /// identifier>/<database>/<schema>.<table>".
  virtual Result<std::string> identity() = 0;
  /// As Source::check().
  virtual Result<std::vector<std::string>> check() { return std::vector<std::string>{}; }
  /// Evidence of every partition that the pipeline has claimed, loaded or decided about, by label.
  virtual Result<std::vector<PartitionEvidence>> history() {
    return Status(Code::unsupported, "this sink keeps no history");
  }
  /// After the writer has finished, before commit: the staged rows against the day in the target,
  /// with up to `max_examples` rows that differ. Changes nothing.
  virtual Result<Difference> difference(std::int64_t /*max_examples*/) {
    return Status(Code::unsupported, "this sink cannot compare before it commits");
  }
  /// The stored rejects of the partition's newest load, at most `max_rows`.
  virtual Result<std::vector<RejectRow>> rejects(const Partition& /*partition*/,
                                                 std::int64_t /*max_rows*/) {
    return Status(Code::unsupported, "this sink keeps no rejects");
  }
  /// Keeps what somebody decided, durably when it returns.
  virtual Status note_decision(const Partition& /*partition*/,
                               const OperatorDecision& /*decision*/) {
    return Status(Code::unsupported, "this sink keeps no decisions");
  }
};

}  // namespace daymill

#include "daymill/detail/thunks.hpp"  // source<T>(), transform<T>(), sink<T>() and DAYMILL_PLUGIN
