// Conservation: what is read is loaded, filtered or rejected, by rows and by every measure's sum;
// anything else is not loaded.
#include "run/load.hpp"

#include "memory_pipeline.hpp"

namespace daymill {
namespace {

/// Adds `more` to the clicks of every row, drops words that begin with "drop" and rejects those
/// that begin with "bad".
class Meddler final : public Transform {
 public:
  explicit Meddler(std::int64_t more) : more_(more) {}
  Result<Schema> bind(const Schema& in) override {
    schema_ = in;
    return in;
  }
  Result<std::unique_ptr<Lane>> open(const Partition& /*partition*/) override {
    return std::unique_ptr<Lane>(std::make_unique<MeddlerLane>(schema_, more_));
  }

 private:
  class MeddlerLane final : public Lane {
   public:
    MeddlerLane(Schema schema, std::int64_t more) : schema_(std::move(schema)), more_(more) {}
    Status process(RecordBatch in, Emitter& out) override {
      BatchBuilder rows(schema_);
      for (std::int64_t row = 0; row < in.num_rows(); ++row) {
        const std::string_view word = in.column(0).bytes_at(row);
        if (word.starts_with("drop"))
          continue;
        if (word.starts_with("bad")) {
          DAYMILL_TRY(out.reject({row, "word.bad", "a bad word", 0, in.column(1).int64s()[row]}));
          continue;
        }
        rows.column(0).append_bytes(word);
        rows.column(1).append_int64(in.column(1).int64s()[row] + more_);
        rows.column(2).append_int64(in.column(2).int64s()[row]);
        rows.end_row();
      }
      return out.emit(rows.finish());
    }

   private:
    Schema schema_;
    std::int64_t more_;
  };

  Schema schema_;
  std::int64_t more_;
};

class LoadConservation : public MemoryPipeline {
 protected:
  LoadConservation() {
    store.count("clicks", "shoes", 3);
    store.count("views", "shoes", 10);
    store.count("clicks", "hats", 4);
  }
  void expect_nothing_loaded() const {
    EXPECT_EQ(database.commits, 0);
    EXPECT_EQ(store.removed, 0);
  }
};

TEST_F(LoadConservation, TransformThatChangesASumItPromisedToKeepIsCaught) {
  add_transform(std::make_unique<Meddler>(1), DAYMILL_TRANSFORM_KEEPS_ROWS);
  const RunReport report = run();
  EXPECT_EQ(report.failure.code(), Code::internal);
  EXPECT_NE(
      report.failure.message().find("measure clicks is not conserved: read 7, to be loaded 9"),
      std::string::npos)
      << report.failure.message();
  expect_nothing_loaded();
}

TEST_F(LoadConservation, TransformThatKeepsSumsMayRejectRowsWithSeveralMeasures) {
  store.count("clicks", "bad word", 8);
  store.count("views", "bad word", 5);
  add_transform(std::make_unique<Meddler>(0), DAYMILL_TRANSFORM_KEEPS_SUMS);
  const RunReport report = run();
  expect_done(report, {{"shoes", {3, 10}}, {"hats", {4, 0}}});
  EXPECT_EQ(report.sums_read, (std::vector<Sum>{{"clicks", 15}, {"views", 15}}));
  EXPECT_EQ(report.sums_rejected, (std::vector<Sum>{{"clicks", 8}, {"views", 5}}));
  EXPECT_EQ(report.sums_out, (std::vector<Sum>{{"clicks", 7}, {"views", 10}}));
}

TEST_F(LoadConservation, TransformThatDropsRowsHasNotKeptSums) {
  store.count("clicks", "drop this", 5);
  add_transform(std::make_unique<Meddler>(0), DAYMILL_TRANSFORM_KEEPS_SUMS);
  EXPECT_NE(run().failure.message().find("read 12, to be loaded 7"), std::string::npos);
  expect_nothing_loaded();
}

TEST_F(LoadConservation, EachTransformIsHeldToItsOwnPromise) {
  add_transform(std::make_unique<Meddler>(1), 0);
  add_transform(std::make_unique<Meddler>(1), DAYMILL_TRANSFORM_KEEPS_SUMS);
  const RunReport report = run();
  EXPECT_NE(report.failure.message().find("read 9, to be loaded 11"), std::string::npos);
  EXPECT_NE(report.failure.where().find("transform 2"), std::string::npos);
  expect_nothing_loaded();
}

TEST_F(LoadConservation, TransformThatPromisesNothingMayChangeSums) {
  add_transform(std::make_unique<Meddler>(1), 0);
  expect_done(run(), {{"shoes", {4, 10}}, {"hats", {5, 0}}});
}

TEST_F(LoadConservation, FilteredAndRejectedRowsAreCounted) {
  store.count("clicks", "drop this", 5);
  store.count("views", "drop that", 6);
  store.count("clicks", "bad word", 8);
  add_transform(std::make_unique<Meddler>(0), 0);
  const RunReport report = run();
  expect_done(report, {{"shoes", {3, 10}}, {"hats", {4, 0}}});
  EXPECT_EQ(report.rows_read, 6);
  EXPECT_EQ(report.rows_merged, 1);
  EXPECT_EQ(report.rows_filtered, 2);
  EXPECT_EQ(report.rejected, 1);
  EXPECT_EQ(report.rows_out, 2);
  EXPECT_EQ(report.reject_reasons.at("word.bad"), 1);
  EXPECT_EQ(database.evidence.load->filtered, 2);
  ASSERT_EQ(database.rejects.size(), 1u);
  EXPECT_EQ(database.rejects[0].reason, "word.bad");
  EXPECT_EQ(database.rejects[0].raw, "bad word\t8\t0");
}

TEST_F(LoadConservation, RejectsOverTheBudgetLoadAndRemoveNothing) {
  store.count("clicks", "bad word", 8);
  store.count("clicks", "bad words", 8);
  pipeline.definition.rejects.max_rows = 1;
  add_transform(std::make_unique<Meddler>(0), 0);
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "TOO_MANY_REJECTS");
  EXPECT_EQ(report.rejected, 2);
  expect_nothing_loaded();
}

TEST_F(LoadConservation, RejectsOverTheShareLoadAndRemoveNothing) {
  store.count("clicks", "bad word", 8);  // one of four rows
  pipeline.definition.rejects.max_share = 0.24;
  add_transform(std::make_unique<Meddler>(0), 0);
  EXPECT_STREQ(run_state_name(run().state), "TOO_MANY_REJECTS");
  expect_nothing_loaded();
  pipeline.definition.rejects.max_share = 0.25;
  EXPECT_STREQ(run_state_name(run().state), "DONE");
}

TEST_F(LoadConservation, SinkWithoutAPlaceForRejectsWarns) {
  store.count("clicks", "bad word", 8);
  pipeline.sink_capabilities &= ~std::uint32_t{DAYMILL_SINK_STORES_REJECTS};
  add_transform(std::make_unique<Meddler>(0), 0);
  const RunReport report = run();
  EXPECT_STREQ(run_state_name(report.state), "DONE");
  EXPECT_TRUE(database.rejects.empty());
  ASSERT_FALSE(report.warnings.empty());
  EXPECT_NE(report.warnings.front().find("keeps no rejects"), std::string::npos);
}

TEST_F(LoadConservation, SumThatLeavesInt64LoadsNothing) {
  store.count("clicks", "many", INT64_MAX);
  const RunReport report = run();
  EXPECT_EQ(report.failure.code(), Code::invalid_data);
  expect_nothing_loaded();
}

TEST_F(LoadConservation, MoreKeysThanTheMemoryAllowsLoadNothing) {
  for (int i = 0; i < 20'000; ++i)
    store.count("clicks", std::string(200, 'x') + std::to_string(i), 1);
  settings.memory_limit = 10'000;
  const RunReport report = run();
  EXPECT_EQ(report.failure.code(), Code::resource_exhausted) << report.failure.to_string();
  EXPECT_EQ(report.exit_code(), 3);
  expect_nothing_loaded();
}

TEST_F(LoadConservation, DamagedSnapshotIsNotLoaded) {
  database.on_commit = [] { return Status(Code::unavailable, "down"); };
  run();
  database.on_commit = [] { return Status(); };
  store.splits["clicks"].counts.clear();  // only the snapshot still has them
  for (const StoredSnapshot& snapshot : stored()) {
    auto file = Database::open(snapshot.path, Database::Mode::read_write);
    ASSERT_TRUE(file.ok() && file->execute("UPDATE block SET checksum = checksum + 1").ok());
  }
  const RunReport report = run();
  EXPECT_EQ(report.failure.code(), Code::corrupt) << report.failure.to_string();
  expect_nothing_loaded();
}

}  // namespace
}  // namespace daymill
