#include "removal.hpp"
#include "daymill/failpoint.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace daymill::redis_hash {
namespace {

/// One removal at work. `control` is a connection without any WATCH of a reader.
class Remover {
 public:
  Remover(const Settings& settings, const Host& engine, const std::string& key,
          const RemovalProof& proof)
      : settings_(settings), engine_(engine), key_(key), proof_(proof) {}

  Result<Removal> run(HashReader* reader) {
    DAYMILL_ASSIGN(record_name_, record_key(key_));
    DAYMILL_ASSIGN(record_, record_text(proof_.generation, proof_.pipeline, proof_.fingerprint));
    DAYMILL_ASSIGN(control_, Connection::open(settings_.endpoint, engine_, key_));
    DAYMILL_TRY(check_sink());
    return reader == nullptr ? record_absent() : unlink(*reader);
  }

 private:
  /// The first removal of a pipeline names the sink on whose behalf it removes; later ones must be
  /// for the same.
  Status check_sink() {
    const std::string name = "daymill:" + proof_.pipeline + ":sink";
    DAYMILL_FAILPOINT("redis.sink_read");
    DAYMILL_ASSIGN(Reply found, control_->call({"GET", name}));
    if (is_nil(found)) {
      DAYMILL_FAILPOINT("redis.sink_write");
      DAYMILL_TRY(control_->call({"SET", name, proof_.sink, "NX"}));
      DAYMILL_ASSIGN(found, control_->call({"GET", name}));
    }
    if (text_of(found) == proof_.sink) {
      return {};
    }
    return Status(Code::invalid_config,
                  "pipeline " + proof_.pipeline + " removes on behalf of the sink \"" +
                      printable(text_of(found)) + "\", but this load is in \"" +
                      printable(proof_.sink) + "\"; nothing was removed")
        .at(settings_.endpoint.place(name))
        .next("correct the sink's config; if the sink has moved for good: redis-cli DEL " + name);
  }

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

  /// MULTI is answered before anything else is sent: a refused MULTI must not leave a bare UNLINK
  /// behind it.
  Result<Removal> execute(std::unique_ptr<Connection> watching,
                          const std::vector<Command>& commands) {
    auto here = [&](const Status& status) { return Status(status).at(place()); };
    DAYMILL_FAILPOINT("redis.multi");
    if (const auto multi = watching->call({"MULTI"}); !multi.ok()) {
      return here(multi.status());
    }
    DAYMILL_FAILPOINT("redis.queue");
    DAYMILL_ASSIGN(const auto queued, watching->call_all(commands));
    for (const Reply& reply : queued) {
      DAYMILL_TRY(here(error_of(reply)));  // closing the connection discards the MULTI
    }
    DAYMILL_FAILPOINT("redis.exec_sent");
    const auto executed = watching->call({"EXEC"});
    DAYMILL_FAILPOINT("redis.exec_reply");
    if (!executed.ok()) {
      return resolve(here(executed.status()));
    }
    if (is_nil(executed.value())) {
      return after_change();
    }
    return check_results(*executed.value(), commands.size());
  }

  Result<Removal> check_results(const redisReply& results, std::size_t expected) const {
    bool right = results.type == REDIS_REPLY_ARRAY && results.elements == expected;
    for (std::size_t i = 0; right && i < expected; ++i) {
      right = results.element[i]->type != REDIS_REPLY_ERROR;
    }
    if (!right) {
      return Status(Code::needs_decision,
                    "EXEC did not answer as expected: look at the key and its removal record " +
                        printable(record_name_))
          .at(place());
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
  Result<Removal> resolve(Status lost) {
    DAYMILL_FAILPOINT("redis.resolve");
    if (lost.code() != Code::unavailable && lost.code() != Code::timeout) {
      return lost;
    }
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

Result<Removal> remove_key(const Settings& settings, const Host& engine, const std::string& key,
                           HashReader* reader, const RemovalProof& proof) {
  if (reader != nullptr && reader->key() != key) {
    return Status(Code::internal, "the proof is of key \"" + printable(reader->key()) + "\"")
        .at(settings.endpoint.place(key));
  }
  return Remover(settings, engine, key, proof).run(reader);
}

}  // namespace daymill::redis_hash
