// Writing a snapshot and reading it back; what an unfinished or a damaged one does.
#include "snapshot/snapshot_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "every_type.hpp"
#include "snapshot/snapshot_writer.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

namespace fs = std::filesystem;

SnapshotManifest manifest_of(Schema schema) {
  SnapshotManifest manifest;
  manifest.pipeline = "ad_ctr";
  manifest.partition = "2024-11-22";
  manifest.split = "clicklog_keys:20241122";
  manifest.location = "redis 127.0.0.1:6379 key clicklog_keys:20241122";
  manifest.generation = 2;
  manifest.run_id = "run-1";
  manifest.created_at = "2024-11-23T00:30:00Z";
  manifest.raw_schema = std::move(schema);
  return manifest;
}

class SnapshotFiles : public testing::Test {
 protected:
  std::unique_ptr<SnapshotWriter> create(bool repeats_rows = true) const {
    auto writer = SnapshotWriter::create(path, manifest_of(every_type()), repeats_rows);
    EXPECT_TRUE(writer.ok()) << writer.status().to_string();
    return std::move(writer).value();
  }
  /// A published snapshot of the rows 0 … rows - 1.
  SnapshotManifest write(std::int64_t rows) const {
    auto writer = create();
    EXPECT_TRUE(writer->append(rows_of_every_type(0, rows)).ok());
    EXPECT_EQ(writer->seal().value(), rows);
    return writer->publish(true).value();
  }
  /// Key → whole row, of all buckets.
  static std::map<std::string, std::string> read_all(SnapshotFile& file) {
    std::map<std::string, std::string> rows;
    for (int bucket = 0; bucket < kSnapshotBuckets; ++bucket)
      EXPECT_TRUE(
          file.read_bucket(
                  bucket,
                  [&](const RecordBatch& batch) {
                    for (std::int64_t row = 0; row < batch.num_rows(); ++row)
                      EXPECT_TRUE(
                          rows.emplace(batch.column(0).bytes_at(row), row_text(batch, row)).second);
                    return Status();
                  })
              .ok());
    return rows;
  }
  /// What reading the whole file gives.
  [[nodiscard]] Status read_status() const {
    auto file = SnapshotFile::open(path);
    if (!file.ok())
      return file.status();
    for (int bucket = 0; bucket < kSnapshotBuckets; ++bucket)
      DAYMILL_TRY(file->read_bucket(bucket, [](const RecordBatch&) { return Status(); }));
    return {};
  }
  void expect_corrupt() const {
    const Status status = read_status();
    EXPECT_EQ(status.code(), Code::corrupt) << status.to_string();
    EXPECT_NE(status.to_string().find(path.string()), std::string::npos) << status.to_string();
  }
  void change(const std::string& sql) const {
    auto database = Database::open(path, Database::Mode::read_write);
    ASSERT_TRUE(database.ok());
    const Status status = database->execute(sql);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }

  support::TemporaryFolder folder{"snapshot"};
  fs::path path = folder / "ad_ctr/2024-11-22/clicks.g2.run-1.snap";
};

TEST_F(SnapshotFiles, GiveBackEveryRowAndTheManifest) {
  const SnapshotManifest written = write(1000);
  auto file = SnapshotFile::open(path);
  ASSERT_TRUE(file.ok()) << file.status().to_string();
  const SnapshotManifest& read = file->manifest();
  EXPECT_EQ(read.pipeline, "ad_ctr");
  EXPECT_EQ(read.partition, "2024-11-22");
  EXPECT_EQ(read.split, "clicklog_keys:20241122");
  EXPECT_EQ(read.generation, 2);
  EXPECT_EQ(read.rows, 1000);
  EXPECT_EQ(read.fingerprint, written.fingerprint);
  EXPECT_TRUE(read.confirmed);
  EXPECT_EQ(read.raw_schema.size(), every_type().size());
  const auto rows = read_all(*file);
  ASSERT_EQ(rows.size(), 1000u);
  const RecordBatch expected = rows_of_every_type(0, 1000);
  for (std::int64_t row = 0; row < 1000; ++row)
    ASSERT_EQ(rows.at(std::string(expected.column(0).bytes_at(row))), row_text(expected, row));
}

TEST_F(SnapshotFiles, RepeatedRowsCountOnceWithTheLastValue) {
  auto writer = create();
  ASSERT_TRUE(writer->append(rows_of_every_type(0, 100)).ok());
  ASSERT_TRUE(writer->append(rows_of_every_type(50, 120)).ok());
  BatchBuilder changed(every_type());
  changed.column(0).append_bytes("wörd 7");
  for (std::size_t i = 1; i < every_type().size(); ++i)
    i == 2 ? changed.column(i).append_int64(777) : changed.column(i).append_null();
  changed.end_row();
  const RecordBatch last = changed.finish();
  ASSERT_TRUE(writer->append(last).ok());
  EXPECT_EQ(writer->seal().value(), 120);
  const auto manifest = writer->publish(false);
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(manifest->rows_read, 171);
  EXPECT_EQ(manifest->rows, 120);
  EXPECT_FALSE(manifest->confirmed);
  auto file = SnapshotFile::open(path);
  const auto rows = read_all(*file);
  EXPECT_EQ(rows.size(), 120u);
  EXPECT_EQ(rows.at("wörd 7"), row_text(last, 0));
}

TEST_F(SnapshotFiles, RowsThatRepeatRightlyAreAllKept) {
  auto writer = create(/*repeats_rows=*/false);
  ASSERT_TRUE(writer->append(rows_of_every_type(0, 3)).ok());
  ASSERT_TRUE(writer->append(rows_of_every_type(0, 3)).ok());
  EXPECT_EQ(writer->seal().value(), 6);
}

TEST_F(SnapshotFiles, FingerprintIsThatOfTheDistinctRowsInAnyOrder) {
  const std::string plain = write(500).fingerprint;
  fs::remove(path);
  auto writer = create();
  ASSERT_TRUE(writer->append(rows_of_every_type(250, 500)).ok());
  ASSERT_TRUE(writer->append(rows_of_every_type(0, 300)).ok());
  EXPECT_EQ(writer->seal().value(), 500);
  EXPECT_EQ(writer->publish(true)->fingerprint, plain);
}

TEST_F(SnapshotFiles, ManyRowsOverAllBuckets) {
  constexpr std::int64_t kRows = 300'000;
  constexpr std::int64_t kPage = 5'000;
  auto writer = create();
  for (std::int64_t from = 0; from < kRows; from += kPage)
    ASSERT_TRUE(writer->append(rows_of_every_type(from, from + kPage)).ok());
  ASSERT_TRUE(writer->append(rows_of_every_type(0, kPage)).ok());  // as a growing hash is scanned
  EXPECT_EQ(writer->seal().value(), kRows);
  ASSERT_TRUE(writer->publish(true).ok());
  auto file = SnapshotFile::open(path);
  std::int64_t rows = 0;
  for (int bucket = 0; bucket < kSnapshotBuckets; ++bucket) {
    const std::int64_t before = rows;
    ASSERT_TRUE(file->read_bucket(bucket,
                                  [&](const RecordBatch& batch) {
                                    rows += batch.num_rows();
                                    return Status();
                                  })
                    .ok());
    EXPECT_GT(rows, before) << "bucket " << bucket;
  }
  EXPECT_EQ(rows, kRows);
}

TEST_F(SnapshotFiles, UnfinishedOneLeavesNothing) {
  {
    auto writer = create();
    ASSERT_TRUE(writer->append(rows_of_every_type(0, 10'000)).ok());
    EXPECT_TRUE(fs::exists(path.string() + ".part"));
    EXPECT_FALSE(fs::exists(path));
  }
  EXPECT_TRUE(fs::is_empty(path.parent_path()));
}

TEST_F(SnapshotFiles, EmptySplitIsASnapshotToo) {
  write(0);
  auto file = SnapshotFile::open(path);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->manifest().rows, 0);
  EXPECT_TRUE(read_all(*file).empty());
}

TEST_F(SnapshotFiles, DamagedBlockIsCorruptAndNamesTheFile) {
  write(1000);
  change(
      "UPDATE block SET bytes = CAST(substr(bytes, 1, 20) || x'00' || substr(bytes, 22) AS BLOB)"
      " WHERE id = 1");
  expect_corrupt();
}

TEST_F(SnapshotFiles, DamagedManifestIsCorruptAndNamesTheFile) {
  write(10);
  change("UPDATE manifest SET value = 'many' WHERE name = 'rows'");
  expect_corrupt();
  fs::remove(path);
  write(10);
  change("DELETE FROM manifest WHERE name = 'fingerprint'");
  expect_corrupt();
  fs::remove(path);
  write(10);
  change("UPDATE manifest SET value = '99' WHERE name = 'format'");
  EXPECT_FALSE(read_status().ok()) << "a format of the future is not understood";
}

TEST_F(SnapshotFiles, TruncatedFileIsCorruptAndNamesTheFile) {
  write(20'000);
  fs::resize_file(path, fs::file_size(path) / 2);
  expect_corrupt();
  fs::resize_file(path, 100);
  expect_corrupt();
}

TEST_F(SnapshotFiles, FileOfSomethingElseIsCorruptAndAMissingOneIsNotFound) {
  EXPECT_EQ(read_status().code(), Code::not_found) << read_status().to_string();
  folder.write("ad_ctr/2024-11-22/clicks.g2.run-1.snap", std::string(5000, 'x'));
  expect_corrupt();
}

}  // namespace
}  // namespace daymill
