#include "snapshot/snapshot_store.hpp"

#include <gtest/gtest.h>

#include "every_type.hpp"
#include "snapshot/snapshot_writer.hpp"
#include "support/temporary_folder.hpp"

namespace daymill {
namespace {

class SnapshotStores : public testing::Test {
 protected:
  void write(const std::string& day, const std::string& split, std::int64_t generation,
             const std::string& run_id) const {
    SnapshotManifest manifest;
    manifest.pipeline = "ad_ctr";
    manifest.partition = day;
    manifest.split = split;
    manifest.generation = generation;
    manifest.run_id = run_id;
    manifest.raw_schema = every_type();
    auto writer = SnapshotWriter::create(store.path_for("ad_ctr", day, split, generation, run_id),
                                         manifest, true);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(rows_of_every_type(0, 3)).ok());
    ASSERT_TRUE((*writer)->seal().ok());
    ASSERT_TRUE((*writer)->publish(true).ok());
  }

  support::TemporaryFolder folder{"store"};
  SnapshotStore store{folder.path()};
};

TEST_F(SnapshotStores, ListsOldestFirst) {
  write("2024-11-22", "clicks", 1, "20241123T000002Z-b");
  write("2024-11-22", "clicks", 1, "20241123T000001Z-a");
  write("2024-11-21", "views", 2, "20241123T000003Z-c");
  const auto all = store.list("ad_ctr");
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].manifest.partition, "2024-11-21");
  EXPECT_EQ((*all)[1].manifest.run_id, "20241123T000001Z-a");
  EXPECT_GT((*all)[1].bytes, 0u);
  EXPECT_EQ(store.list("ad_ctr", "2024-11-22")->size(), 2u);
  EXPECT_TRUE(store.list("ad_ctr", "2024-11-20")->empty());
  EXPECT_TRUE(store.list("other")->empty());
}

TEST_F(SnapshotStores, UnfinishedFilesAreNotListed) {
  folder.write("ad_ctr/2024-11-22/clicks.g1.run.snap.part", "x");
  EXPECT_TRUE(store.list("ad_ctr")->empty());
}

TEST_F(SnapshotStores, FileThatCannotBeReadIsNamed) {
  const auto path = folder.write("ad_ctr/2024-11-22/clicks.g1.run.snap", std::string(4096, 'x'));
  const auto listed = store.list("ad_ctr");
  EXPECT_EQ(listed.status().code(), Code::corrupt);
  EXPECT_NE(listed.status().to_string().find(path.string()), std::string::npos);
}

TEST_F(SnapshotStores, NamesStayInsideTheFolder) {
  const auto path = store.path_for("ad_ctr", "2024-11-22", "../../etc/passwd\n", 1, "run");
  EXPECT_EQ(path.parent_path(), folder / "ad_ctr/2024-11-22");
  EXPECT_EQ(store.path_of("ad_ctr", "2024-11-22", "../../../x.snap").parent_path(),
            folder / "ad_ctr/2024-11-22");
}

}  // namespace
}  // namespace daymill
