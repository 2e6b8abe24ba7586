#include "hash_sink.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "access_check.hpp"
#include "daymill/value.hpp"
#include "endpoint_settings.hpp"
#include "hash_writer.hpp"
#include "watched_write.hpp"

namespace daymill::redis_hash {
namespace {

/// How long the name of a run that died stays; no run takes as long. It is not renewed: that would
/// break the WATCH of a run that began later.
constexpr const char* kWriterSeconds = "604800";

/// Every day of these years must have a key of its own, or a day would replace another.
Status check_key(const KeyTemplate& key) {
  std::set<std::string> seen;
  for (std::int32_t day = days_of({2024, 1, 1}); day <= days_of({2025, 12, 31}); ++day) {
    const std::string expanded = key.expand(day);
    DAYMILL_TRY(record_key(expanded));
    if (expanded.empty() || !seen.insert(expanded).second) {
      return Status(Code::invalid_config, "key: \"" + printable(key.text()) + "\" gives " +
                                              date_text(day) +
                                              " the key of another day, expected a key of its own "
                                              "for each day, such as \"clicks:{date:%Y%m%d}\"");
    }
  }
  return {};
}

Result<std::chrono::milliseconds> read_expire(const std::string& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = text.substr(digits);
  const std::int64_t seconds = unit == "s"   ? 1
                               : unit == "m" ? 60
                               : unit == "h" ? 3600
                               : unit == "d" ? 86400
                                             : 0;
  constexpr std::int64_t kMost = std::int64_t{100} * 366 * 86400;
  const auto count = parse_int64(text.substr(0, digits));
  if (!count || *count == 0 || seconds == 0 || *count > kMost / seconds) {
    return Status(Code::invalid_config,
                  "expire is \"" + printable(text) +
                      "\", expected a number and a unit, at most 100 years: 90s, 30m, 36h, 400d");
  }
  return std::chrono::milliseconds(*count * seconds * 1000);
}

}  // namespace

ConfigSpec HashSink::spec() {
  return add_endpoint(ConfigSpec("Writes one Redis hash per day; replaces it as a whole"))
      .add(text_field("key", "Key of the day's hash; {date:%Y%m%d} becomes its date")
               .required()
               .example("\"ctr:{date:%Y%m%d}\""))
      .add(text_field("field",
                      "How the keys of a row become its hash field: {name:type} with separators "
                      "between them, all keys of the rows; types int64 and text")
               .required()
               .example("\"{ad_id:int64}:{search_word:text}\""))
      .add(text_field("value", "The column whose value is written: int64, float64 or text")
               .required()
               .example("\"clicks\""))
      .add(text_field("expire",
                      "How long a day is kept after it was written: 36h, 400d; without: for ever")
               .example("\"400d\""));
}

Result<std::unique_ptr<Sink>> HashSink::create(const Config& config, Host host) {
  Settings settings;
  settings.endpoint = read_endpoint(config);
  DAYMILL_ASSIGN(settings.key, KeyTemplate::parse(config.text("key")));
  DAYMILL_TRY(check_key(settings.key));
  DAYMILL_ASSIGN(settings.pattern, FieldPattern::parse(config.text("field")));
  settings.value = config.text("value");
  if (config.has("expire")) {
    DAYMILL_ASSIGN(settings.expire, read_expire(config.text("expire")));
  }
  for (const FieldPattern::Column& column : settings.pattern.columns) {
    if (column.name == settings.value) {
      return Status(Code::invalid_config, "value: \"" + printable(settings.value) +
                                              "\" is a column of the field pattern already");
    }
  }
  return std::unique_ptr<Sink>(new HashSink(std::move(settings), host));
}

Status HashSink::check_rows(const Schema& rows) {
  DAYMILL_ASSIGN(FieldText field, FieldText::bind(settings_.pattern, rows));
  const auto value = rows.index_of(settings_.value);
  if (!value) {
    return Status(Code::schema_mismatch,
                  "the rows have no column \"" + printable(settings_.value) + "\" for `value`");
  }
  const Field& column = rows.fields[*value];
  if (column.type != Type::int64 && column.type != Type::float64 && column.type != Type::text) {
    return Status(Code::schema_mismatch, "column \"" + column.name + "\" is " +
                                             type_name(column.type) +
                                             ", expected int64, float64 or text for `value`");
  }
  shape_ = Shape{std::move(field), *value, column.type, column.role == Role::measure};
  return {};
}

Status HashSink::bind(const Schema& rows, const std::string& /*pipeline*/) {
  return check_rows(rows).at(settings_.endpoint.place(settings_.key.text()));
}

Result<Evidence> HashSink::receipts(const Partition& /*partition*/, bool /*settle*/) {
  return Evidence{};
}

Result<std::int64_t> HashSink::claim(const Partition& /*partition*/) {
  return std::int64_t{1};
}

/// Notes which run writes the day from now on, and takes away what the one before left behind.
Status HashSink::begin(const Attempt& attempt) {
  abort();
  if (!shape_) {
    return Status(Code::internal, "the sink was used before bind");
  }
  if (attempt.epoch == 0) {
    return Status(Code::unsupported, "this sink cannot compare before it commits")
        .at(settings_.endpoint.place());
  }
  auto day = std::make_shared<Day>();
  day->key = settings_.key.expand(attempt.partition.day);
  day->place = settings_.endpoint.place(day->key);
  day->run_id = attempt.run_id;
  DAYMILL_ASSIGN(const std::string beside, record_key(day->key));
  day->writer = beside + ":writer";
  const std::string stages = beside + ":stage:";
  day->stage = stages + attempt.run_id;
  DAYMILL_ASSIGN(const auto connection, Connection::open(settings_.endpoint, host_, day->key));
  DAYMILL_ASSIGN(const auto replies, connection->call_all({{"TYPE", day->key},
                                                           {"GETSET", day->writer, attempt.run_id},
                                                           {"EXPIRE", day->writer, kWriterSeconds},
                                                           {"UNLINK", day->stage}}));
  for (const Reply& reply : replies) {
    DAYMILL_TRY(error_of(reply).at(day->place));
  }
  const std::string_view type = text_of(replies[0]);
  if (type != "hash" && type != "none") {
    return Status(Code::invalid_data, "found a key of type " + printable(type) +
                                          ", expected a hash or none: it would be replaced")
        .at(day->place)
        .next("look at it: redis-cli TYPE " + day->key);
  }
  if (!is_nil(replies[1])) {
    const std::string left = stages + std::string(text_of(replies[1]));
    DAYMILL_TRY(connection->call({"UNLINK", left}));
  }
  day_ = std::move(day);
  return {};
}

Result<std::unique_ptr<Writer>> HashSink::open() {
  if (!day_) {
    return Status(Code::internal, "open before begin");
  }
  DAYMILL_ASSIGN(auto connection, Connection::open(settings_.endpoint, host_, day_->key));
  return make_hash_writer(std::move(connection), day_, *shape_);
}

Status HashSink::reject(const std::vector<RejectRow>& /*rows*/) {
  return Status(Code::unsupported, "this sink does not keep rejects")
      .at(settings_.endpoint.place());
}

/// Conservation: what was written is what the load says.
Status HashSink::verify(const Load& load) {
  const std::lock_guard lock(day_->mutex);
  if (day_->given_up) {
    return Status(Code::internal, "a writer did not finish, its rows may be incomplete")
        .at(day_->place);
  }
  if (day_->rows != load.rows_out) {
    return Status(Code::internal, std::to_string(day_->rows) + " rows were written, the load has " +
                                      std::to_string(load.rows_out))
        .at(day_->place);
  }
  for (const Sum& sum : load.sums) {
    if (shape_->is_measure && sum.measure == settings_.value && sum.value != day_->sum) {
      return Status(Code::internal, "the sum of \"" + sum.measure + "\" is " +
                                        std::to_string(day_->sum) + " as written and " +
                                        std::to_string(sum.value) + " in the load")
          .at(day_->place);
    }
  }
  return {};
}

Status HashSink::commit(const Load& load, const std::vector<Receipt>& /*receipts*/) {
  if (!day_) {
    return Status(Code::internal, "commit before begin");
  }
  DAYMILL_TRY(verify(load));
  DAYMILL_ASSIGN(const auto connection, Connection::open(settings_.endpoint, host_, day_->key));
  DAYMILL_TRY(publish(*connection));
  day_.reset();
  return {};
}

/// The stage becomes the day in one MULTI, if it holds what was written and no other run has begun.
Status HashSink::publish(Connection& connection) {
  DAYMILL_ASSIGN(const auto looked, connection.call_all({{"WATCH", day_->writer, day_->stage},
                                                         {"GET", day_->writer},
                                                         {"HLEN", day_->stage}}));
  for (const Reply& reply : looked) {
    DAYMILL_TRY(error_of(reply).at(day_->place));
  }
  const Status fenced =
      Status(Code::fenced, "another run writes the day, this one came before it").at(day_->place);
  if (text_of(looked[1]) != day_->run_id) {
    return fenced;
  }
  if (looked[2]->integer != day_->rows) {
    return Status(Code::conflict, "the stage holds " + std::to_string(looked[2]->integer) +
                                      " fields, " + std::to_string(day_->rows) +
                                      " were written: was it evicted, or Redis restarted?")
        .at(day_->place);
  }
  // RENAME alone would free a large old day while everybody waits.
  std::vector<Command> commands = {{"UNLINK", day_->key}};
  const std::string expire = std::to_string(settings_.expire.count());
  if (day_->rows > 0) {
    commands.push_back({"RENAME", day_->stage, day_->key});
    commands.push_back(settings_.expire.count() > 0 ? Command{"PEXPIRE", day_->key, expire}
                                                    : Command{"PERSIST", day_->key});
  }
  commands.push_back({"UNLINK", day_->writer});
  DAYMILL_ASSIGN(const Execution execution,
                 execute_watched(connection, commands, day_->place, day_->key));
  switch (execution.outcome) {
    case Execution::Outcome::changed:
      return fenced;
    case Execution::Outcome::lost:
      return execution.lost;  // whether it was done or not, the next attempt does it again
    case Execution::Outcome::done:
      break;
  }
  return {};
}

void HashSink::abort() noexcept {
  const std::shared_ptr<Day> day = std::exchange(day_, nullptr);
  if (!day) {
    return;
  }
  try {
    const auto connection = Connection::open(settings_.endpoint, Host(), day->key);
    if (connection.ok()) {
      connection.value()->call({"UNLINK", day->stage}).status().ignore("the next run removes it");
    }
  } catch (...) {  // out of memory: likewise
  }
}

Status HashSink::mark_removed(const Partition& /*partition*/, const std::string& /*split*/,
                              std::int64_t /*generation*/) {
  return Status(Code::unsupported, "this sink keeps no receipts").at(settings_.endpoint.place());
}

Result<std::string> HashSink::identity() {
  return "redis_hash:" + settings_.endpoint.host + ":" + std::to_string(settings_.endpoint.port) +
         "/" + std::to_string(settings_.endpoint.database) + "/" + settings_.key.text();
}

/// Queues a commit in a MULTI that is never executed: Redis checks rights and memory when a command
/// is queued. The connection is closed afterwards, which discards it.
Result<std::vector<std::string>> HashSink::check() {
  DAYMILL_ASSIGN(const auto connection, Connection::open(settings_.endpoint, host_));
  std::vector<std::string> lines{"redis " + connection->version() + " at " +
                                 settings_.endpoint.place() + ", master, database " +
                                 std::to_string(settings_.endpoint.database)};
  DAYMILL_ASSIGN(const auto info, connection->call_all({{"INFO", "memory"}}));
  const std::string policy =
      is_error(info[0]) ? "" : info_value(text_of(info[0]), "maxmemory_policy");
  if (is_error(info[0])) {
    lines.emplace_back("warning: maxmemory-policy was not checked, the user may not run INFO");
  } else if (policy.substr(0, 8) == "allkeys-") {
    lines.push_back("warning: maxmemory-policy is " + policy +
                    ": Redis may drop days that were written");
  }
  const std::string key = settings_.key.expand(0);
  DAYMILL_ASSIGN(const std::string beside, record_key(key));
  const std::string writer = beside + ":writer";
  const std::string stage = beside + ":stage:doctor";
  DAYMILL_ASSIGN(const auto replies, connection->call_all({{"WATCH", writer, stage},
                                                           {"TYPE", key},
                                                           {"MULTI"},
                                                           {"GETSET", writer, "doctor"},
                                                           {"GET", writer},
                                                           {"HSETNX", stage, "f", "1"},
                                                           {"HGET", stage, "f"},
                                                           {"HLEN", stage},
                                                           {"EXPIRE", stage, "1"},
                                                           {"UNLINK", key, stage, writer},
                                                           {"RENAME", stage, key},
                                                           {"PERSIST", key},
                                                           {"PEXPIRE", key, "1"}}));
  const auto refused = std::find_if(replies.begin(), replies.end(),
                                    [](const Reply& reply) { return is_error(reply); });
  lines.push_back(refused == replies.end()
                      ? "writing a day is allowed"
                      : "error: writing a day would fail: " + printable(text_of(*refused)));
  return lines;
}

}  // namespace daymill::redis_hash
