// What a commit would change, looked at before it or without any.
#include "sink_fixture.hpp"

namespace daymill::sqlite {
namespace {

using Lines = std::vector<std::string>;
const Rows kThreeRows{{7, "shoes", 1, 4}, {8, "hats", 2, 4}, {9, "gloves", 3, 4}};

/// "+ key: before -> after" per example.
Lines examples_of(const Difference& difference) {
  Lines lines;
  for (const RowChange& change : difference.examples) {
    const char* sign = change.kind == RowChangeKind::added     ? "+ "
                       : change.kind == RowChangeKind::changed ? "~ "
                                                               : "- ";
    lines.push_back(sign + change.key + ": " + change.before + " -> " + change.after);
  }
  return lines;
}

/// Stages the rows for a rehearsal, compares, gives up.
Difference rehearse(Sink& sink, const Rows& rows, std::int64_t max_examples = 100,
                    const std::string& day = kDay) {
  const Status staged = SinkFixture::stage(sink, day, 0, rows);
  EXPECT_TRUE(staged.ok()) << staged.to_string();
  auto difference = sink.difference(max_examples);
  EXPECT_TRUE(difference.ok()) << difference.status().to_string();
  sink.abort();
  return difference.ok() ? std::move(difference).value() : Difference{};
}

TEST(SqliteDifference, OfAnEmptyDayIsEveryRow) {
  SinkFixture f;
  const Difference found = rehearse(*f.bound(), {kThreeRows[0], {10, "", 0, 0}});
  EXPECT_EQ(found.rows_before, 0);
  EXPECT_EQ(found.rows_after, 2);
  EXPECT_EQ(found.added, 2);
  EXPECT_EQ(found.changed, 0);
  EXPECT_EQ(found.removed, 0);
  EXPECT_EQ(found.before, (std::vector<Sum>{{"clicks", 0}, {"impressions", 0}}));
  EXPECT_EQ(found.after, (std::vector<Sum>{{"clicks", 1}, {"impressions", 4}}));
  EXPECT_EQ(examples_of(found), (Lines{"+ 7, shoes:  -> clicks 1, impressions 4, ctr 0.25",
                                       "+ 10, :  -> clicks 0, impressions 0, ctr null"}));
}

TEST(SqliteDifference, OfTheSameRowsIsNothing) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
  const Difference found = rehearse(*sink, {kThreeRows[2], kThreeRows[0], kThreeRows[1]});
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(found.rows_before, 3);
  EXPECT_EQ(found.rows_after, 3);
  EXPECT_EQ(found.before, found.after);
  EXPECT_TRUE(found.examples.empty());
}

TEST(SqliteDifference, TellsWhatIsAddedChangedAndRemoved) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
  ASSERT_TRUE(f.load(*sink, "2026-11-21", {{1, "other day", 100, 100}}).ok());
  f.execute("UPDATE analytics SET ctr = NULL WHERE ad_id = 9");
  const Rows next{{11, "a", 1, 1}, {9, "gloves", 3, 4}, {10, "b", 0, 0}, {7, "shoes", 1, 8}};
  const Difference found = rehearse(*sink, next);
  EXPECT_EQ(found.rows_before, 3);
  EXPECT_EQ(found.rows_after, 4);
  EXPECT_EQ(found.added, 2);
  EXPECT_EQ(found.changed, 2);
  EXPECT_EQ(found.removed, 1);
  EXPECT_EQ(found.before, (std::vector<Sum>{{"clicks", 6}, {"impressions", 12}}));
  EXPECT_EQ(found.after, (std::vector<Sum>{{"clicks", 5}, {"impressions", 13}}));
  EXPECT_EQ(examples_of(found),
            (Lines{"+ 10, b:  -> clicks 0, impressions 0, ctr null",
                   "+ 11, a:  -> clicks 1, impressions 1, ctr 1",
                   "~ 7, shoes: impressions 4, ctr 0.25 -> impressions 8, ctr 0.125",
                   "~ 9, gloves: ctr null -> ctr 0.75",
                   "- 8, hats: clicks 2, impressions 4, ctr 0.5 -> "}));
  EXPECT_EQ(examples_of(rehearse(*sink, next, 3)).size(), 3u);
  EXPECT_TRUE(rehearse(*sink, next, 0).examples.empty());
  EXPECT_EQ(rehearse(*sink, next, 0).added, 2);
}

TEST(SqliteDifference, OfNoRowsIsTheWholeDay) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
  EXPECT_EQ(rehearse(*sink, {}).removed, 3);
  ASSERT_TRUE(sink->begin(Attempt{day_of(kDay), 0, "run"}).ok());  // not even a writer
  const Difference found = sink->difference(1).value();
  EXPECT_EQ(found.removed, 3);
  EXPECT_EQ(found.after, (std::vector<Sum>{{"clicks", 0}, {"impressions", 0}}));
}

TEST(SqliteDifference, SeesTheRowsOfAllWriters) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
  ASSERT_TRUE(sink->begin(Attempt{day_of(kDay), 0, "run"}).ok());
  for (const Row& row : kThreeRows) {
    const auto writer = std::move(sink->open()).value();
    ASSERT_TRUE(writer->write(batch_of({row})).ok());
    ASSERT_TRUE(writer->finish().ok());
  }
  {
    const auto given_up = std::move(sink->open()).value();
    ASSERT_TRUE(given_up->write(batch_of({{99, "lost", 1, 1}})).ok());
  }
  EXPECT_TRUE(sink->difference(10).value().empty());
}

TEST(SqliteDifference, IsOfTheBytesWhateverTheColumnsCompare) {
  SinkFixture f;
  f.execute(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT, clicks INT, "
      "impressions NUMERIC, ctr REAL, PRIMARY KEY (date, ad_id, search_word))");
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, {{7, "Shoes", 1, 4}, {7, "shoes ", 1, 4}}).ok());
  const Difference found = rehearse(*sink, {{7, "shoes", 1, 4}, {7, "shoes ", 1, 4}});
  EXPECT_EQ(examples_of(found), (Lines{"+ 7, shoes:  -> clicks 1, impressions 4, ctr 0.25",
                                       "- 7, Shoes: clicks 1, impressions 4, ctr 0.25 -> "}));
}

TEST(SqliteDifference, WithoutAUniqueKeyComparesWholeRows) {
  for (const char* index :
       {"SELECT 1", "CREATE INDEX i ON analytics (date, ad_id, search_word)",
        "CREATE UNIQUE INDEX i ON analytics (date, ad_id) WHERE clicks > 99",
        "CREATE UNIQUE INDEX i ON analytics (date, ad_id, search_word, note)"}) {
    SinkFixture f;
    f.execute(
        "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT, clicks INT, "
        "impressions INT, ctr REAL, note TEXT)");
    f.execute(index);
    const auto sink = f.bound();
    ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
    f.execute("INSERT INTO analytics SELECT * FROM analytics WHERE ad_id = 8");
    const Difference found = rehearse(*sink, {kThreeRows[0], kThreeRows[1], {9, "gloves", 3, 8}});
    EXPECT_EQ(found.changed, 0) << index;
    EXPECT_EQ(found.rows_before, 4) << index;
    EXPECT_EQ(examples_of(found), (Lines{"+ 9, gloves:  -> clicks 3, impressions 8, ctr 0.375",
                                         "- 8, hats: clicks 2, impressions 4, ctr 0.5 -> ",
                                         "- 9, gloves: clicks 3, impressions 4, ctr 0.75 -> "}))
        << index;
  }
}

TEST(SqliteDifference, KeysOfOthersThatAreNullAreNotTakenForEqual) {
  SinkFixture f;
  f.execute(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT, clicks INT, "
      "impressions INT, ctr REAL, PRIMARY KEY (date, ad_id, search_word))");
  f.execute(
      "INSERT INTO analytics VALUES ('2026-11-20', 7, NULL, 1, 1, 1), "
      "('2026-11-20', 7, NULL, 2, 2, 1)");
  const Difference found = rehearse(*f.bound(), {});
  EXPECT_EQ(found.removed, 2);
  EXPECT_EQ(examples_of(found).at(0), "- 7, null: clicks 1, impressions 1, ctr 1 -> ");
}

TEST(SqliteDifference, CountsEqualRowsAsOftenAsTheyAreThere) {
  SinkFixture f;
  f.execute(
      "CREATE TABLE analytics (date TEXT, ad_id INT, search_word TEXT, clicks INT, "
      "impressions INT, ctr REAL)");
  const auto sink = f.bound();
  for (int i = 0; i < 5; ++i) {
    f.execute("INSERT INTO analytics VALUES ('2026-11-20', 7, 'shoes', 1, 4, 0.25)");
  }
  const Difference found = rehearse(*sink, {kThreeRows[0], kThreeRows[0]}, 2);
  EXPECT_EQ(found.removed, 3);
  EXPECT_EQ(found.examples.size(), 2u);
}

TEST(SqliteDifference, AUniqueIndexIsAsGoodAsAPrimaryKey) {
  SinkFixture f;
  f.execute(
      "CREATE TABLE analytics (Date TEXT, Ad_Id INT, Search_Word TEXT, clicks INT, "
      "impressions INT, ctr REAL, note TEXT)");
  f.execute("CREATE UNIQUE INDEX i ON analytics (Search_Word, Ad_Id, Date)");
  f.execute("INSERT INTO analytics VALUES ('2026-11-20', 7, 'shoes', 1, 8, 0.125, 'by hand')");
  const Target target{"analytics", "date", {"date", "ad_id", "search_word"}, rows_schema()};
  EXPECT_TRUE(target.key_is_unique(*f.other(), kDay).value());
}

TEST(SqliteDifference, NeedsAnAttempt) {
  SinkFixture f;
  EXPECT_EQ(f.bound()->difference(1).status().code(), Code::internal);
}

TEST(SqliteDifference, IsWhatTheCommitDoes) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  const Rows next{{7, "shoes", 5, 5}};
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, next).ok());
  EXPECT_EQ(sink->difference(10).value().removed, 2);
  ASSERT_TRUE(sink->commit(load_of(next, epoch), {receipt_of(1, epoch)}).ok());
  EXPECT_TRUE(rehearse(*sink, next).empty());
}

TEST(SqliteRehearsal, WritesNothingAndIsNeverCommitted) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
  const std::string before = support::read_file(f.database());
  ASSERT_TRUE(f.stage(*sink, kDay, 0, {{1, "x", 1, 1}}).ok());
  ASSERT_TRUE(sink->reject({{"clicks", 1, "raw", "r", "m"}}).ok());
  ASSERT_TRUE(sink->difference(1).ok());
  EXPECT_EQ(sink->commit(load_of({{1, "x", 1, 1}}, 0), {receipt_of(1, 0)}).code(), Code::internal);
  sink->abort();
  EXPECT_EQ(support::read_file(f.database()), before);
  ASSERT_TRUE(f.load(*sink, kDay, kThreeRows).ok());
}

TEST(SqliteRehearsal, OfADayThatNobodyClaimedIsNeverCommittedEither) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.stage(*sink, kDay, 0, kThreeRows).ok());
  EXPECT_EQ(sink->commit(load_of(kThreeRows, 0), {receipt_of(1, 0)}).code(), Code::internal);
  sink->abort();
  EXPECT_TRUE(f.table().empty());
}

TEST(SqliteRehearsal, DoesNotFenceAnAttempt) {
  SinkFixture f;
  const auto attempt = f.bound();
  const std::int64_t epoch = attempt->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*attempt, kDay, epoch, kThreeRows).ok());
  EXPECT_EQ(rehearse(*f.bound(), {}).removed, 0);
  EXPECT_TRUE(attempt->commit(load_of(kThreeRows, epoch), {receipt_of(1, epoch)}).ok());
}

}  // namespace
}  // namespace daymill::sqlite
