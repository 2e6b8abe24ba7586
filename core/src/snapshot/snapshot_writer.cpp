#include "snapshot/snapshot_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "daymill/failpoint.hpp"
#include "snapshot/snapshot_file.hpp"
#include "snapshot/system_failure.hpp"

namespace daymill {

namespace {

constexpr std::size_t kBlockBytes = 96 * 1024;

static_assert(kSnapshotBuckets == KeyHashes::kBuckets);

Status sync_path(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) {
    return system_failure("open to sync", path);
  }
  const bool synced = ::fsync(file) == 0;
  Status status = synced ? Status() : system_failure("sync", path);
  ::close(file);
  return status;
}

/// Open-addressing set of rows by key hash: of one bucket at a time, so small whatever the day's
/// size.
class RowIndex {
 public:
  using Row = std::pair<std::uint32_t, std::uint32_t>;  // block, row

  explicit RowIndex(std::size_t rows) {
    std::size_t slots = 16;
    while (slots < rows * 2) {
      slots *= 2;
    }
    slots_.assign(slots, 0);
    rows_.reserve(rows);
    hashes_.reserve(rows);
  }
  /// Adds the row, or puts it in place of one with the same key, which is then returned.
  template <typename SameKey>
  std::optional<Row> put(std::uint64_t hash, Row row, const SameKey& same_key) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = static_cast<std::size_t>(hash) & mask;; slot = (slot + 1) & mask) {
      if (slots_[slot] == 0) {
        rows_.push_back(row);
        hashes_.push_back(hash);
        slots_[slot] = static_cast<std::uint32_t>(rows_.size());
        return std::nullopt;
      }
      const std::size_t found = slots_[slot] - 1;
      if (hashes_[found] == hash && same_key(rows_[found], row)) {
        return std::exchange(rows_[found], row);
      }
    }
  }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<std::uint32_t> slots_;  // 1 + index into rows_, 0: free
  std::vector<Row> rows_;
  std::vector<std::uint64_t> hashes_;
};

}  // namespace

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(const std::filesystem::path& path,
                                                               SnapshotManifest manifest,
                                                               bool repeats_rows) {
  DAYMILL_FAILPOINT("snapshot.folder");
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return Status(error == std::errc::no_space_on_device ? Code::resource_exhausted
                                                         : Code::permission_denied,
                  "cannot create the snapshot folder: " + error.message())
        .at(path.parent_path().string());
  }
  const std::filesystem::path part = path.string() + ".part";
  std::filesystem::remove(part, error);
  DAYMILL_FAILPOINT("snapshot.open");
  DAYMILL_ASSIGN(Database database, Database::open(part, Database::Mode::create));
  // Nothing of an unfinished file is ever read, so SQLite's own journal and syncs would be work for
  // nothing: publish() syncs once.
  DAYMILL_TRY(database.execute(
      "PRAGMA page_size = 32768; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4096;"
      "BEGIN;"
      "CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
      "CREATE TABLE block (id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, rows INTEGER NOT NULL,"
      " decoded_size INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
      "CREATE INDEX block_bucket ON block (bucket)"));
  DAYMILL_ASSIGN(Statement insert,
                 database.prepare("INSERT INTO block (bucket, rows, decoded_size, checksum, bytes) "
                                  "VALUES (?, ?, ?, ?, ?)"));
  return std::unique_ptr<SnapshotWriter>(new SnapshotWriter(
      path, std::move(manifest), repeats_rows, std::move(database), std::move(insert)));
}

SnapshotWriter::SnapshotWriter(std::filesystem::path path, SnapshotManifest manifest,
                               bool repeats_rows, Database database, Statement insert)
    : path_(std::move(path)),
      part_(path_.string() + ".part"),
      manifest_(std::move(manifest)),
      repeats_rows_(repeats_rows),
      database_(std::move(database)),
      insert_(std::move(insert)),
      hasher_(manifest_.raw_schema),
      key_hashes_(path_.parent_path()) {
  buckets_.reserve(kSnapshotBuckets);
  for (int i = 0; i < kSnapshotBuckets; ++i) {
    buckets_.emplace_back(manifest_.raw_schema);
  }
}

SnapshotWriter::~SnapshotWriter() {
  if (!published_) {
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);
  }
}

Status SnapshotWriter::append(const RecordBatch& raw) {
  hasher_.add_to(fingerprint_, raw);
  hasher_.key_hashes(raw, hashes_);
  if (repeats_rows_) {
    DAYMILL_TRY(key_hashes_.add(hashes_));
  }
  sort_by_bucket();
  std::size_t begin = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    const auto rows = std::span(sorted_).subspan(begin, ends_[bucket] - begin);
    begin = ends_[bucket];
    if (rows.empty()) {
      continue;
    }
    BatchBuilder& builder = buckets_[bucket].rows;
    const auto num_rows = static_cast<std::int64_t>(rows.size());
    for (std::size_t i = 0; i < raw.num_columns(); ++i) {
      builder.column(i).append_from(raw.column(i), rows.data(), num_rows);
    }
    builder.end_rows(num_rows);
    if (builder.byte_size() >= kBlockBytes) {
      DAYMILL_TRY(flush(bucket));
    }
  }
  manifest_.rows_read += raw.num_rows();
  return {};
}

/// The numbers of the rows, bucket by bucket.
void SnapshotWriter::sort_by_bucket() {
  ends_.fill(0);
  for (const std::uint64_t hash : hashes_) {
    ++ends_[KeyHashes::bucket_of(hash) + 1];
  }
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());  // now where each bucket begins
  sorted_.resize(hashes_.size());
  for (std::size_t row = 0; row < hashes_.size(); ++row) {
    sorted_[ends_[KeyHashes::bucket_of(hashes_[row])]++] =
        static_cast<std::int64_t>(row);  // and where it ends
  }
}

Status SnapshotWriter::flush(std::size_t bucket) {
  BatchBuilder& rows = buckets_[bucket].rows;
  if (rows.num_rows() == 0) {
    return {};
  }
  const RecordBatch batch = rows.finish();
  DAYMILL_FAILPOINT("snapshot.write");
  DAYMILL_ASSIGN(const BlockEncoder::Block block, encoder_.encode(manifest_.raw_schema, batch));
  return insert_.bind(1, static_cast<std::int64_t>(bucket))
      .bind(2, batch.num_rows())
      .bind(3, static_cast<std::int64_t>(block.decoded_size))
      .bind(4, static_cast<std::int64_t>(block.checksum))
      .bind_blob_view(5, block.bytes)
      .run();
}

Result<std::int64_t> SnapshotWriter::seal() {
  DAYMILL_FAILPOINT("snapshot.seal");
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    DAYMILL_TRY(flush(bucket));
    DAYMILL_TRY(seal_bucket(bucket));
  }
  manifest_.rows = fingerprint_.rows();
  manifest_.fingerprint = fingerprint_.text();
  return manifest_.rows;
}

/// Looks for rows that came twice; only where the hashes of the keys say that there may be some are
/// the blocks read again.
Status SnapshotWriter::seal_bucket(std::size_t bucket) {
  if (!repeats_rows_ || !hasher_.has_key()) {
    return {};
  }
  DAYMILL_ASSIGN(const bool may_repeat, key_hashes_.may_repeat(bucket));
  if (!may_repeat) {
    return {};
  }
  std::vector<RecordBatch> blocks;
  std::size_t num_rows = 0;
  DAYMILL_TRY(read_blocks(database_, manifest_, static_cast<int>(bucket), [&](RecordBatch block) {
    num_rows += static_cast<std::size_t>(block.num_rows());
    blocks.push_back(std::move(block));
    return Status();
  }));
  RowIndex index(num_rows);
  for (std::uint32_t b = 0; b < blocks.size(); ++b) {
    for (std::uint32_t row = 0; row < blocks[b].num_rows(); ++row) {
      const auto same_key = [&](RowIndex::Row x, RowIndex::Row y) {
        return hasher_.same_key(blocks[x.first], x.second, blocks[y.first], y.second);
      };
      const auto repeated = index.put(hasher_.key_hash(blocks[b], row), {b, row}, same_key);
      if (repeated.has_value()) {
        hasher_.remove_from(fingerprint_, blocks[repeated->first], repeated->second);
      }
    }
  }
  return index.rows().size() == num_rows ? Status() : rewrite_bucket(bucket, blocks, index.rows());
}

Status SnapshotWriter::rewrite_bucket(
    std::size_t bucket, const std::vector<RecordBatch>& blocks,
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& kept) {
  DAYMILL_TRY(database_.execute("DELETE FROM block WHERE bucket = " + std::to_string(bucket)));
  BatchBuilder& rows = buckets_[bucket].rows;
  for (const auto& [b, row] : kept) {
    for (std::size_t i = 0; i < rows.num_columns(); ++i) {
      rows.column(i).append_from(blocks[b].column(i), row);
    }
    rows.end_row();
    if (rows.byte_size() >= kBlockBytes) {
      DAYMILL_TRY(flush(bucket));
    }
  }
  return flush(bucket);
}

Result<SnapshotManifest> SnapshotWriter::publish(bool confirmed) {
  manifest_.confirmed = confirmed;
  DAYMILL_FAILPOINT("snapshot.manifest_write");
  DAYMILL_TRY(write_manifest(database_, manifest_));
  DAYMILL_FAILPOINT("snapshot.commit");
  DAYMILL_TRY(database_.execute("COMMIT"));
  { const Statement finalized = std::move(insert_); }
  { const Database closed = std::move(database_); }
  DAYMILL_FAILPOINT("snapshot.fsync");
  DAYMILL_TRY(sync_path(part_, O_RDWR));
  DAYMILL_FAILPOINT("snapshot.rename");
  if (::rename(part_.c_str(), path_.c_str()) != 0) {
    return system_failure("rename the finished snapshot", path_);
  }
  published_ = true;
  DAYMILL_FAILPOINT("snapshot.dirsync");
  DAYMILL_TRY(sync_path(path_.parent_path(), O_RDONLY | O_DIRECTORY));
  DAYMILL_FAILPOINT("snapshot.published");
  return manifest_;
}

}  // namespace daymill
