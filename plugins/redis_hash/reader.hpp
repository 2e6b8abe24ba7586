// Reads one hash, and holds the WATCH under which it was read: the proof for its removal.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "daymill/plugin.hpp"
#include "hash_scan.hpp"
#include "removal_record.hpp"
#include "scan_order.hpp"
#include "settings.hpp"
#include "shard_order.hpp"

namespace daymill::redis_hash {

/// Reads the removal record of a key.
Result<RemovalRecord> read_record(Connection& connection, const std::string& record_name);
/// The same from the reply to GET.
Result<RemovalRecord> record_from(const Reply& reply, const std::string& record_name);

class HashReader final : public Reader, private HashScan::Pages {
 public:
  /// Connects, watches key and record, and looks at both. `planned` is the record as it was
  /// planned; CONFLICT when it is another now. INVALID_DATA when the key is no hash. A key that is
  /// absent reads as no rows. `shard` is the hash's among those of the day. `in_stripes` says
  /// whether a large hash may be read in stripes, and becomes false when that did not give all of
  /// it (for whatever reason: the next reading is plain).
  static Result<std::unique_ptr<HashReader>> open(const Settings& settings, const Host& engine,
                                                  const std::string& key,
                                                  const RemovalRecord& planned, ShardOrder shard,
                                                  std::shared_ptr<std::atomic<bool>> in_stripes);

  Result<ReadState> read(BatchBuilder& out) override;
  Result<Scan> confirm(std::int64_t distinct_rows) override;
  Result<ReadPosition> position() override;

  [[nodiscard]] const std::string& key() const { return key_; }
  /// As it was read under the WATCH.
  [[nodiscard]] const RemovalRecord& record() const { return record_; }
  /// confirm() was asked at all?
  [[nodiscard]] bool confirmed() const { return confirmed_; }
  /// The connection whose WATCH proves that nothing changed since before the first row. It can be
  /// taken once, whatever comes of it: any EXEC, even one that answers nil, drops the WATCH. Null:
  /// there is no proof (any more).
  std::unique_ptr<Connection> take_proof();

 private:
  HashReader(const Settings& settings, std::string key, std::string record_name, ShardOrder shard,
             std::unique_ptr<Connection> connection, std::shared_ptr<std::atomic<bool>> in_stripes);
  Status begin(const RemovalRecord& planned);
  Status read_piece(BatchBuilder& out);
  Status request();
  Result<std::optional<std::string>> page_begins(std::string_view cursor) override;
  void page_ends(std::optional<std::string_view> first_field) override;

  std::string key_;
  std::string place_;
  std::string record_name_;
  bool removes_;
  std::int64_t max_count_;
  std::unique_ptr<Connection> connection_;  // null: lost, or handed over as proof
  TimeLimit limit_;
  HashScan scan_{*this};
  std::shared_ptr<std::atomic<bool>> in_stripes_;
  ScanOrder order_{false};
  ShardOrder shard_;
  std::unique_ptr<char[]> buffer_;  // while it is read
  RemovalRecord record_;
  std::int64_t size_before_ = 0;
  std::int64_t pages_ = 0;  // read to their ends
  std::int64_t count_;
  bool end_ = false;
  bool confirmed_ = false;
  bool stable_ = false;
};

}  // namespace daymill::redis_hash
