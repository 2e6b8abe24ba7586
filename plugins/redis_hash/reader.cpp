#include "reader.hpp"
#include "daymill/failpoint.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace daymill::redis_hash {
namespace {

constexpr std::size_t kReceiveBytes = 256 * 1024;
constexpr std::size_t kBytesACall = 64 * 1024;
/// A page of large fields is asked for in smaller counts, so that Redis need not buffer much more.
constexpr std::int64_t kPageBytes = 128 * 1024;
constexpr std::int64_t kFirstCount = 100;

}  // namespace

Result<RemovalRecord> record_from(const Reply& reply, const std::string& record_name) {
  if (is_error(reply)) {
    if (text_of(reply).substr(0, 9) == "WRONGTYPE") {
      RemovalRecord record;
      record.problem =
          "removal record " + printable(record_name) + " is not a string, expected one";
      return record;
    }
    return error_of(reply);
  }
  return parse_record(record_name, is_nil(reply) ? std::nullopt : std::optional(text_of(reply)));
}

Result<RemovalRecord> read_record(Connection& connection, const std::string& record_name) {
  DAYMILL_ASSIGN(const auto replies, connection.call_all({{"GET", record_name}}));
  return record_from(replies[0], record_name);
}

HashReader::HashReader(const Settings& settings, std::string key, std::string record_name,
                       ShardOrder shard, std::unique_ptr<Connection> connection,
                       std::shared_ptr<std::atomic<bool>> in_stripes)
    : key_(std::move(key)),
      place_(settings.endpoint.place(key_)),
      record_name_(std::move(record_name)),
      removes_(settings.removes),
      max_count_(settings.scan_count),
      connection_(std::move(connection)),
      limit_(settings.endpoint.timeout),
      in_stripes_(std::move(in_stripes)),
      shard_(shard),
      count_(std::min(settings.scan_count, kFirstCount)) {}

Result<std::unique_ptr<HashReader>> HashReader::open(
    const Settings& settings, const Host& engine, const std::string& key,
    const RemovalRecord& planned, ShardOrder shard, std::shared_ptr<std::atomic<bool>> in_stripes) {
  DAYMILL_ASSIGN(std::string record_name, record_key(key));
  DAYMILL_ASSIGN(auto connection, Connection::open(settings.endpoint, engine, key));
  std::unique_ptr<HashReader> reader(new HashReader(settings, key, std::move(record_name), shard,
                                                    std::move(connection), std::move(in_stripes)));
  if (Status status = reader->begin(planned); !status.ok()) {
    return std::move(status).at(settings.endpoint.place(key));
  }
  return reader;
}

Status HashReader::begin(const RemovalRecord& planned) {
  std::vector<Command> commands;
  if (removes_) {
    commands.push_back({"WATCH", key_, record_name_});
  }
  commands.insert(commands.end(), {{"GET", record_name_}, {"TYPE", key_}, {"HLEN", key_}});
  DAYMILL_FAILPOINT("redis.watch");
  DAYMILL_ASSIGN(const auto replies, connection_->call_all(commands));
  const std::size_t first = commands.size() - 3;
  if (removes_) {
    DAYMILL_TRY(error_of(replies[0]));
  }
  DAYMILL_ASSIGN(record_, record_from(replies[first], record_name_));
  if (record_ != planned) {
    return Status(Code::conflict,
                  "the removal record changed since it was planned: found generation " +
                      std::to_string(record_.generation) + ", expected " +
                      std::to_string(planned.generation));
  }
  DAYMILL_TRY(error_of(replies[first + 1]));
  if (const auto type = text_of(replies[first + 1]); type != "hash" && type != "none") {
    return Status(Code::invalid_data,
                  "found a key of type " + printable(type) + ", expected a hash");
  }
  DAYMILL_TRY(error_of(replies[first + 2]));
  DAYMILL_FAILPOINT("redis.watched");
  size_before_ = replies[first + 2]->integer;
  order_ = ScanOrder(*in_stripes_ && size_before_ >= ScanOrder::kRowsWorthStripes);
  end_ = size_before_ == 0;
  return end_ ? Status() : request();
}

Status HashReader::request() {
  DAYMILL_FAILPOINT("redis.hscan_sent");
  if (scan_.rows() > 0) {
    const std::int64_t row_bytes = scan_.bytes() / scan_.rows() + 1;
    count_ = std::clamp<std::int64_t>(kPageBytes / row_bytes, 1, max_count_);
  }
  return connection_->send(
      {"HSCAN", key_, std::to_string(order_.ask()), "COUNT", std::to_string(count_)}, limit_);
}

/// The next page is asked for as soon as its cursor is known, so that Redis works on it while this
/// one is read.
Result<std::optional<std::string>> HashReader::page_begins(std::string_view cursor) {
  std::uint64_t number = 0;
  const char* const end = cursor.data() + cursor.size();
  if (const auto read = std::from_chars(cursor.data(), end, number);
      read.ec != std::errc() || read.ptr != end) {
    return Status(Code::unsupported,
                  "found the cursor " + printable(cursor) + ", expected a number below 2^64");
  }
  std::optional<std::string> given_already = order_.begin_page(number);
  if (!order_.all_asked()) {
    DAYMILL_TRY(request());
  }
  return given_already;
}

void HashReader::page_ends(std::optional<std::string_view> first_field) {
  order_.end_page(first_field);
  ++pages_;
}

Result<ReadPosition> HashReader::position() {
  return shard_.position(end_ ? ReadPosition{ReadPosition::kEnd, ReadPosition::kEnd}
                              : order_.position());
}

Result<ReadState> HashReader::read(BatchBuilder& out) {
  // A few pages a call: each has its price in the engine, whatever it holds.
  const std::int64_t pages = pages_;
  while (!end_ && (pages_ == pages || out.byte_size() < kBytesACall) && !out.is_full()) {
    if (connection_ == nullptr) {
      return Status(Code::internal, "a hash was read on after an error").at(place_);
    }
    if (Status status = read_piece(out); !status.ok()) {
      connection_.reset();
      return std::move(status).at(place_);
    }
  }
  return end_ ? ReadState::end : ReadState::more;
}

/// Many hashes may be open that are not read yet, or not any more: they hold no buffer.
Status HashReader::read_piece(BatchBuilder& out) {
  if (buffer_ == nullptr) {
    buffer_ = std::make_unique_for_overwrite<char[]>(kReceiveBytes);
  }
  DAYMILL_FAILPOINT("redis.hscan_page");
  DAYMILL_ASSIGN(const std::size_t got,
                 connection_->receive(buffer_.get(), kReceiveBytes, limit_));
  const std::int64_t pages = pages_;
  DAYMILL_TRY(scan_.feed(buffer_.get(), got, out));
  if (pages_ != pages) {
    limit_.restart();
  }
  end_ = order_.finished();
  if (end_) {
    buffer_.reset();
  }
  return {};
}

Result<Scan> HashReader::confirm(std::int64_t distinct_rows) {
  if (!end_ || connection_ == nullptr) {
    return Status(Code::internal, "a scan was confirmed before its end or after its removal")
        .at(place_);
  }
  DAYMILL_FAILPOINT("redis.confirm");
  DAYMILL_ASSIGN(const auto replies,
                 connection_->call_all({{"HLEN", key_}, {"GET", record_name_}}));
  DAYMILL_FAILPOINT("redis.confirmed");
  DAYMILL_ASSIGN(const RemovalRecord record, record_from(replies[1], record_name_));
  if (record != record_) {
    // Not merely "changed": what was read may be of two generations, so it must not be loaded at
    // all.
    return Status(Code::conflict, "another runner removed the key while it was read").at(place_);
  }
  confirmed_ = true;
  stable_ = order_.is_kept() && !is_error(replies[0]) && replies[0]->integer == size_before_ &&
            distinct_rows == size_before_;
  if (!stable_ && order_.in_stripes()) {
    *in_stripes_ = false;
  }
  return stable_ ? Scan::stable : Scan::changed;
}

std::unique_ptr<Connection> HashReader::take_proof() {
  return removes_ && stable_ ? std::exchange(connection_, nullptr) : nullptr;
}

}  // namespace daymill::redis_hash
