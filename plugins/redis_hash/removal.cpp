#include "removal.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "daymill/failpoint.hpp"
#include "decided_removal.hpp"
#include "removal_sink.hpp"
#include "watched_write.hpp"

namespace daymill::redis_hash {
namespace {

/// One removal by proof at work. `control` is a connection without any WATCH of a reader.
class ProvenRemoval {
 public:
  ProvenRemoval(const Settings& settings, const Host& engine, const std::string& key,
                const RemovalProof& proof)
      : settings_(settings), engine_(engine), key_(key), proof_(proof) {}

  Result<Removal> run(HashReader* reader) {
    DAYMILL_ASSIGN(record_name_, record_key(key_));
    DAYMILL_ASSIGN(record_, record_text(proof_.generation, proof_.pipeline, proof_.fingerprint));
    DAYMILL_ASSIGN(control_, Connection::open(settings_.endpoint, engine_, key_));
    DAYMILL_TRY(check_removal_sink(*control_, settings_.endpoint, proof_));
    return reader == nullptr ? record_absent() : unlink(*reader);
  }

 private:
  /// Does the record already tell of this removal? Nothing: not yet.
  Result<std::optional<Removal>> look_at(const RemovalRecord& record) const {
    if (!record.problem.empty()) {
      return contradiction(record.problem);
    }
    if (record.generation < proof_.generation) {
      return std::optional<Removal>();
    }
    if (record.generation == proof_.generation && record.pipeline == proof_.pipeline &&
        record.fingerprint == proof_.fingerprint) {
      return std::optional(Removal::already_removed);
    }
    return contradiction("removal record " + printable(record_name_) + " is \"" +
                         std::to_string(record.generation) + " " + printable(record.pipeline) +
                         " " + printable(record.fingerprint) + "\", expected \"" + record_ +
                         "\" or an earlier generation");
  }

  [[nodiscard]] Status contradiction(const std::string& found) const {
    return Status(Code::needs_decision, found + "; nothing was removed").at(place());
  }
  [[nodiscard]] std::string place() const { return settings_.endpoint.place(key_); }

  Result<Removal> record_absent() {
    DAYMILL_FAILPOINT("redis.record_absent");
    DAYMILL_ASSIGN(
        const auto replies,
        control_->call_all({{"WATCH", key_, record_name_}, {"GET", record_name_}, {"TYPE", key_}}));
    DAYMILL_TRY(error_of(replies[0]).at(place()));
    DAYMILL_ASSIGN(const RemovalRecord record, record_from(replies[1], record_name_));
    DAYMILL_TRY(error_of(replies[2]).at(place()));
    DAYMILL_ASSIGN(const auto settled, look_at(record));
    if (settled) {
      return *settled;
    }
    if (text_of(replies[2]) != "none") {
      return Removal::changed;
    }
    return execute(std::move(control_), {{"SET", record_name_, record_}});
  }

  Result<Removal> unlink(HashReader& reader) {
    DAYMILL_FAILPOINT("redis.record_read");
    DAYMILL_ASSIGN(const RemovalRecord record, read_record(*control_, record_name_));
    DAYMILL_ASSIGN(const auto settled, look_at(record));
    if (settled) {
      return *settled;
    }
    auto watching = reader.take_proof();
    if (watching == nullptr) {
      return reader.confirmed()
                 ? Result<Removal>(Removal::changed)
                 : Status(Code::internal, "a removal was asked for before the scan was confirmed")
                       .at(place());
    }
    if (reader.record().generation + 1 != proof_.generation) {
      return contradiction(
          "the key was read as generation " + std::to_string(reader.record().generation + 1) +
          ", but the receipt is of generation " + std::to_string(proof_.generation));
    }
    return execute(std::move(watching), {{"UNLINK", key_}, {"SET", record_name_, record_}});
  }

  Result<Removal> execute(std::unique_ptr<Connection> watching,
                          const std::vector<Command>& commands) {
    DAYMILL_ASSIGN(const Execution execution,
                   execute_watched(*watching, commands, place(), record_name_));
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

  /// EXEC answered nil: somebody wrote. Perhaps it was the same removal by another runner.
  Result<Removal> after_change() {
    DAYMILL_FAILPOINT("redis.after_change");
    DAYMILL_ASSIGN(const auto control, Connection::open(settings_.endpoint, engine_, key_));
    DAYMILL_ASSIGN(const RemovalRecord record, read_record(*control, record_name_));
    DAYMILL_ASSIGN(const auto settled, look_at(record));
    return settled.value_or(Removal::changed);
  }

  /// The answer to EXEC was lost: the record decides, and where it does not, nobody guesses.
  Result<Removal> resolve(const Status& lost) {
    DAYMILL_FAILPOINT("redis.resolve");
    const auto control = Connection::open(settings_.endpoint, engine_, key_);
    if (!control.ok()) {
      return lost;
    }
    DAYMILL_ASSIGN(const RemovalRecord record, read_record(*control.value(), record_name_));
    DAYMILL_ASSIGN(const auto settled, look_at(record));
    if (settled) {
      return Removal::removed;
    }
    return lost;
  }

  const Settings& settings_;
  const Host& engine_;
  const std::string& key_;
  const RemovalProof& proof_;
  std::string record_name_;
  std::string record_;
  std::unique_ptr<Connection> control_;
};

}  // namespace

Result<Removal> remove_key(const Settings& settings, const Host& engine, const Split& split,
                           HashReader* reader, const RemovalProof& proof) {
  if (reader != nullptr && reader->key() != split.id) {
    return Status(Code::internal, "the proof is of key \"" + printable(reader->key()) + "\"")
        .at(settings.endpoint.place(split.id));
  }
  switch (proof.kind) {
    case RemovalKind::by_proof:
      return ProvenRemoval(settings, engine, split.id, proof).run(reader);
    case RemovalKind::discard:
    case RemovalKind::record_only:
      return remove_as_decided(settings, engine, split, reader, proof);
  }
  return Status(Code::unsupported,
                "found the removal kind " + std::to_string(static_cast<std::int32_t>(proof.kind)) +
                    ", expected 0 by proof, 1 discard or 2 record only; nothing was removed")
      .at(settings.endpoint.place(split.id));
}

}  // namespace daymill::redis_hash
