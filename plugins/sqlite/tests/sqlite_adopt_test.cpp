// Taking over a day that something else has loaded.
#include "sink_fixture.hpp"

namespace daymill::sqlite {
namespace {

using Lines = std::vector<std::string>;
const Rows kAdopted{{7, "shoes", 1, 4}, {8, "hats", 2, 4}};

class SqliteAdopt : public testing::Test {
 protected:
  void SetUp() override {
    f.execute(
        "INSERT INTO analytics VALUES ('2026-11-20', 7, 'shoes', 1, 4, 0.25), "
        "('2026-11-20', 8, 'hats', 2, 4, 0.4)");  // by hand, and rounded
  }
  /// An adopting attempt, with a reject and whatever rows are staged.
  Status adopt(const Load& load, const Rows& staged = {}) {
    Attempt attempt{day_of(kDay), load.epoch, load.run_id};
    attempt.adopt = true;
    DAYMILL_TRY(sink->begin(attempt));
    DAYMILL_ASSIGN(auto writer, sink->open());
    DAYMILL_TRY(writer->write(batch_of(staged)));
    DAYMILL_TRY(writer->finish());
    DAYMILL_TRY(sink->reject({{"clicks", 1, "raw", "r", "m"}}));
    return sink->commit(load, {receipt_of(1, load.epoch)});
  }

  SinkFixture f;
  std::unique_ptr<Sink> sink = f.bound();
};

TEST_F(SqliteAdopt, LeavesTheRowsAndWritesTheEvidence) {
  const Lines before = f.table();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  const Status adopted = adopt(load_of(kAdopted, epoch), {{1, "not looked at", 9, 9}});
  ASSERT_TRUE(adopted.ok()) << adopted.to_string();
  EXPECT_EQ(f.table(), before);
  const Evidence evidence = sink->receipts(day_of(kDay), true).value();
  ASSERT_TRUE(evidence.load.has_value());
  EXPECT_EQ(evidence.load->rows_out, 2);
  EXPECT_EQ(evidence.receipts.size(), 1u);
  EXPECT_EQ(evidence.difference, "");
  EXPECT_EQ(sink->rejects(day_of(kDay), 10).value().size(), 1u);
}

TEST_F(SqliteAdopt, MakesTheDayOneOfOurs) {
  EXPECT_EQ(f.load(*sink, kDay, kAdopted).code(), Code::needs_decision);
  ASSERT_TRUE(adopt(load_of(kAdopted, sink->claim(day_of(kDay)).value())).ok());
  const Status loaded = f.load(*sink, kDay, kAdopted);
  ASSERT_TRUE(loaded.ok()) << loaded.to_string();
  EXPECT_EQ(f.table(), (Lines{"2026-11-20|7|shoes|1|4|0.25", "2026-11-20|8|hats|2|4|0.5"}));
}

TEST_F(SqliteAdopt, RefusesADayThatIsNotTheLoads) {
  const Lines before = f.table();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  Load load = load_of(kAdopted, epoch);
  load.rows_out = 3;
  Status refused = adopt(load);
  EXPECT_EQ(refused.code(), Code::needs_decision);
  EXPECT_NE(refused.message().find("the table holds 2 rows of the day, the load has 3"),
            std::string::npos)
      << refused.message();
  load = load_of(kAdopted, epoch);
  load.sums[0].value = 4;
  refused = adopt(load);
  EXPECT_EQ(refused.code(), Code::needs_decision);
  EXPECT_NE(refused.message().find("the sum of \"clicks\" is 3 in the table and 4 in the load"),
            std::string::npos)
      << refused.message();
  EXPECT_FALSE(refused.next().empty());
  sink->abort();
  EXPECT_EQ(f.table(), before);
  EXPECT_FALSE(sink->receipts(day_of(kDay), false).value().load.has_value());
  EXPECT_TRUE(sink->rejects(day_of(kDay), 10).value().empty());
}

TEST_F(SqliteAdopt, IsFencedAndKeepsReceiptsAsAnyLoad) {
  const std::int64_t old = sink->claim(day_of(kDay)).value();
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  EXPECT_EQ(adopt(load_of(kAdopted, old)).code(), Code::fenced);
  ASSERT_TRUE(adopt(load_of(kAdopted, epoch)).ok());
  f.execute("UPDATE daymill_receipt SET generation = 2");
  EXPECT_EQ(adopt(load_of(kAdopted, sink->claim(day_of(kDay)).value())).code(),
            Code::needs_decision)
      << "generation 2 is not among its receipts";
}

TEST_F(SqliteAdopt, AnEmptyDayCanBeAdopted) {
  f.execute("DELETE FROM analytics");
  ASSERT_TRUE(adopt(load_of({}, sink->claim(day_of(kDay)).value())).ok());
  EXPECT_EQ(sink->receipts(day_of(kDay), false).value().difference, "");
}

}  // namespace
}  // namespace daymill::sqlite
