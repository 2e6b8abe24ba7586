#include "decided_removal.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "daymill/failpoint.hpp"
#include "removal_sink.hpp"
#include "watched_write.hpp"

namespace daymill::redis_hash {
namespace {

class DecidedRemoval {
 public:
  DecidedRemoval(const Settings& settings, const Host& engine, const Split& split,
                 const RemovalProof& proof)
      : settings_(settings),
        engine_(engine),
        key_(split.id),
        planned_{split.removals, split.removed_by, split.removed_fingerprint, split.record_problem},
        proof_(proof) {}

  Result<Removal> run(HashReader* reader) {
    DAYMILL_ASSIGN(record_name_, record_key(key_));
    if (proof_.generation != 0) {
      DAYMILL_ASSIGN(record_text_,
                     record_text(proof_.generation, proof_.pipeline, proof_.fingerprint));
      wished_ = {proof_.generation, proof_.pipeline, proof_.fingerprint, {}};
    }
    DAYMILL_ASSIGN(control_, Connection::open(settings_.endpoint, engine_, key_));
    DAYMILL_TRY(check_removal_sink(*control_, settings_.endpoint, proof_));
    if (proof_.kind == RemovalKind::record_only) {
      return set_record();
    }
    return reader != nullptr
               ? discard(*reader)
               : Status(Code::internal, "a key is discarded only by the reader that read it")
                     .at(place());
  }

 private:
  /// Key and record at one moment or another: enough to know whether all is done.
  struct Look {
    bool key_absent = false;
    RemovalRecord record;
  };

  Result<Look> look(Connection& connection) const {
    DAYMILL_ASSIGN(const auto replies,
                   connection.call_all({{"GET", record_name_}, {"TYPE", key_}}));
    DAYMILL_TRY(error_of(replies[1]).at(place()));
    Look now;
    now.key_absent = text_of(replies[1]) == "none";
    DAYMILL_ASSIGN(now.record, record_from(replies[0], record_name_));
    return now;
  }

  [[nodiscard]] bool is_done(const Look& now) const {
    return now.record == wished_ && (now.key_absent || proof_.kind == RemovalKind::record_only);
  }

  Result<Removal> discard(HashReader& reader) {
    DAYMILL_FAILPOINT("redis.decided_look");
    DAYMILL_ASSIGN(const Look now, look(*control_));
    if (is_done(now)) {
      return Removal::already_removed;
    }
    const auto watching = reader.take_proof();
    if (watching == nullptr) {
      return reader.confirmed()
                 ? Result<Removal>(Removal::changed)
                 : Status(Code::internal, "a removal was asked for before the scan was confirmed")
                       .at(place());
    }
    before_ = reader.record();
    return execute(*watching, {{"UNLINK", key_}, write_record()});
  }

  Result<Removal> set_record() {
    DAYMILL_FAILPOINT("redis.decided_watch");
    DAYMILL_ASSIGN(const auto replies,
                   control_->call_all({{"WATCH", record_name_}, {"GET", record_name_}}));
    DAYMILL_TRY(error_of(replies[0]).at(place()));
    DAYMILL_ASSIGN(before_, record_from(replies[1], record_name_));
    if (before_ == wished_) {
      return Removal::already_removed;
    }
    return before_ == planned_ ? execute(*control_, {write_record()})
                               : Result<Removal>(Removal::changed);
  }

  /// Without a time to live, whatever was there before. UNLINK, not DEL, so that the rights that
  /// removal needs anyway are enough.
  [[nodiscard]] Command write_record() const {
    return proof_.generation == 0 ? Command{"UNLINK", record_name_}
                                  : Command{"SET", record_name_, record_text_};
  }

  Result<Removal> execute(Connection& watching, const std::vector<Command>& commands) {
    DAYMILL_ASSIGN(const Execution execution,
                   execute_watched(watching, commands, place(), record_name_));
    switch (execution.outcome) {
      case Execution::Outcome::done:
        break;
      case Execution::Outcome::changed:
        return after_change();
      case Execution::Outcome::lost:
        return resolve(execution.lost);
    }
    return Removal::removed;
  }

  /// Somebody wrote. Perhaps the same was decided twice.
  Result<Removal> after_change() {
    DAYMILL_FAILPOINT("redis.decided_change");
    DAYMILL_ASSIGN(const auto control, Connection::open(settings_.endpoint, engine_, key_));
    DAYMILL_ASSIGN(const Look now, look(*control));
    return is_done(now) ? Removal::already_removed : Removal::changed;
  }

  /// The answer to EXEC was lost. A record that became the wished one tells that it was executed,
  /// even when counts have made the key anew since.
  Result<Removal> resolve(const Status& lost) {
    DAYMILL_FAILPOINT("redis.decided_resolve");
    const auto control = Connection::open(settings_.endpoint, engine_, key_);
    if (!control.ok()) {
      return lost;
    }
    DAYMILL_ASSIGN(const Look now, look(*control.value()));
    const bool executed = is_done(now) || (now.record == wished_ && before_ != wished_);
    return executed ? Result<Removal>(Removal::removed) : lost;
  }

  [[nodiscard]] std::string place() const { return settings_.endpoint.place(key_); }

  const Settings& settings_;
  const Host& engine_;
  const std::string& key_;
  const RemovalRecord planned_;
  const RemovalProof& proof_;
  std::string record_name_;
  std::string record_text_;  // empty: the record is to be deleted
  RemovalRecord wished_;
  RemovalRecord before_;  // as it was under the WATCH
  std::unique_ptr<Connection> control_;
};

}  // namespace

Result<Removal> remove_as_decided(const Settings& settings, const Host& engine, const Split& split,
                                  HashReader* reader, const RemovalProof& proof) {
  return DecidedRemoval(settings, engine, split, proof).run(reader);
}

}  // namespace daymill::redis_hash
