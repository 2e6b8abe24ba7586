#include "source.hpp"

#include <utility>

#include "access_check.hpp"
#include "connection.hpp"
#include "daymill/failpoint.hpp"
#include "decoder.hpp"
#include "inventory.hpp"
#include "reader.hpp"
#include "removal.hpp"

namespace daymill::redis_hash {
namespace {

/// Fills in what the replies to TYPE, HLEN and GET record tell.
Status describe(const Reply& type, const Reply& size, const Reply& record_reply,
                const std::string& record_name, Split& split) {
  DAYMILL_TRY(error_of(type).at(split.location));
  const std::string_view found = text_of(type);
  if (found != "hash" && found != "none") {
    return Status(Code::invalid_data,
                  "found a key of type " + printable(found) + ", expected a hash")
        .at(split.location)
        .next("look at it: redis-cli TYPE " + split.id);
  }
  DAYMILL_TRY(error_of(size).at(split.location));
  split.present = found == "hash";
  split.estimated_rows = size->integer;
  DAYMILL_ASSIGN(const RemovalRecord record, record_from(record_reply, record_name));
  split.removals = record.generation;
  split.removed_fingerprint = record.fingerprint;
  split.removed_by = record.pipeline;
  split.record_problem = record.problem;
  return {};
}

}  // namespace

Result<std::unique_ptr<Source>> RedisHash::create(const Config& config, Host host) {
  DAYMILL_ASSIGN(Settings settings, Settings::from(config));
  return std::unique_ptr<Source>(new RedisHash(std::move(settings), host));
}

Result<std::vector<Split>> RedisHash::plan(const Partition& partition) {
  std::vector<Split> splits;
  std::vector<std::string> record_names;
  for (const Measure& measure : settings_.measures) {
    for (const KeyTemplate& key : measure.keys) {
      Split split;
      split.id = key.expand(partition.day);
      split.location = settings_.endpoint.place(split.id);
      DAYMILL_ASSIGN(std::string name, record_key(split.id));
      splits.push_back(std::move(split));
      record_names.push_back(std::move(name));
    }
  }
  std::vector<Command> commands;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    commands.insert(commands.end(),
                    {{"TYPE", splits[i].id}, {"HLEN", splits[i].id}, {"GET", record_names[i]}});
  }
  DAYMILL_ASSIGN(const auto connection, Connection::open(settings_.endpoint, host_));
  DAYMILL_FAILPOINT("redis.plan");
  DAYMILL_ASSIGN(const auto replies, connection->call_all(commands));
  for (std::size_t i = 0; i < splits.size(); ++i) {
    DAYMILL_TRY(describe(replies[3 * i], replies[3 * i + 1], replies[3 * i + 2], record_names[i],
                         splits[i]));
  }
  return splits;
}

Result<HashNumber> RedisHash::number_of(const Partition& partition,
                                        std::string_view split_id) const {
  if (const auto number = settings_.number_of(split_id, partition.day)) {
    return *number;
  }
  std::string expected;
  for (const Measure& measure : settings_.measures) {
    expected +=
        (expected.empty() ? "" : ", ") + printable(measure.keys.front().expand(partition.day));
    if (measure.keys.size() > 1) {
      expected += " to " + printable(measure.keys.back().expand(partition.day));
    }
  }
  return Status(Code::invalid_config, "split \"" + printable(split_id) + "\" of " +
                                          date_text(partition.day) +
                                          " belongs to no measure, expected one of " + expected)
      .next("give measures the key templates that the split was read with");
}

Result<std::unique_ptr<Reader>> RedisHash::open(const Partition& partition, const Split& split) {
  DAYMILL_ASSIGN(const HashNumber number, number_of(partition, split.id));
  const std::size_t num_shards = settings_.num_shards();
  const ShardOrder shard(num_shards == 1 ? 0 : number.shard, num_shards);
  const RemovalRecord planned{split.removals, split.removed_by, split.removed_fingerprint,
                              split.record_problem};
  DAYMILL_ASSIGN(auto reader,
                 HashReader::open(settings_, host_, split.id, planned, shard, in_stripes_));
  return std::unique_ptr<Reader>(std::move(reader));
}

Result<std::unique_ptr<Lane>> RedisHash::decoder(const Partition& partition,
                                                 std::string_view split_id) {
  DAYMILL_ASSIGN(const HashNumber number, number_of(partition, split_id));
  return make_decoder(settings_, number.measure);
}

Result<Removal> RedisHash::remove(const Partition& partition, const Split& split,
                                  const RemovalProof& proof) {
  if (!settings_.removes) {
    return Status(Code::unsupported, "remove is \"never\"; nothing was removed")
        .at(settings_.endpoint.place(split.id))
        .next("set \"remove\": \"after_load\" in the source's config");
  }
  DAYMILL_TRY(number_of(partition, split.id));
  auto* const reader = static_cast<HashReader*>(proof.reader);  // every reader comes from open()
  return remove_key(settings_, host_, split, reader, proof);
}

Result<std::vector<std::string>> RedisHash::inventory() {
  DAYMILL_ASSIGN(const auto connection, Connection::open(settings_.endpoint, host_));
  DAYMILL_ASSIGN(const auto days, days_with_keys(*connection, settings_));
  std::vector<std::string> labels;
  for (const std::int32_t day : days) {
    labels.push_back(date_text(day));
  }
  return labels;
}

Result<std::vector<std::string>> RedisHash::check() {
  return check_access(settings_, host_);
}

}  // namespace daymill::redis_hash
