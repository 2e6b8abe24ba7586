// Loading a day while it is read: the same rows as from the snapshots, whatever the source and the
// sink do meanwhile.
#include "run/early_load.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "memory_pipeline.hpp"

namespace daymill {
namespace {

class LoadingEarly : public MemoryPipeline {
 protected:
  LoadingEarly() {
    pipeline.source_capabilities |= DAYMILL_SOURCE_READS_IN_ORDER;
    store.page_rows = 500;
    database.on_write = [this] {
      ++batches_written;
      return Status();
    };
    store.on_read = [this](const std::string& /*split*/) { ++pages_read; };
  }

  /// Words of which some are in one split only, more than are combined at once.
  void count_words() {
    for (int i = 0; i < kWords; ++i) {
      const std::string word = "word " + std::to_string(i * 7919 % kWords);
      const std::int64_t clicks = i % 5 == 0 ? 0 : i % 91 + 1;
      const std::int64_t views = i % 3 == 0 ? 0 : i % 1000 + 1;
      if (clicks != 0)
        store.count("clicks", word, clicks);
      if (views != 0)
        store.count("views", word, views);
      if (clicks != 0 || views != 0)
        rows[word] = {clicks, views};
    }
  }

  static constexpr int kWords = 90'000;
  std::map<std::string, MemoryDatabase::Counts> rows;
  std::atomic<int> batches_written = 0;
  std::atomic<int> pages_read = 0;
};

TEST_F(LoadingEarly, WritesRowsBeforeTheSplitsAreReadToTheirEnds) {
  count_words();
  constexpr int kPages = 72'000 / 500 + 60'000 / 500;
  bool written_meanwhile = false;
  store.on_read = [&](const std::string& /*split*/) {
    if (++pages_read == kPages - 20) {
      for (int i = 0; i < 1000 && !written_meanwhile; ++i) {
        written_meanwhile = batches_written > 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
  };
  expect_done(run(), rows);
  EXPECT_TRUE(written_meanwhile);
  EXPECT_EQ(database.commits, 1);
  EXPECT_EQ(pages_read, kPages);
}

TEST_F(LoadingEarly, CountsWhatItReadAndLoaded) {
  count_words();
  const RunReport report = run();
  expect_done(report, rows);
  EXPECT_EQ(report.rows_read, 72'000 + 60'000);
  EXPECT_EQ(report.rows_out, static_cast<std::int64_t>(rows.size()));
  EXPECT_EQ(report.rows_merged, report.rows_read - report.rows_out);
  const RunReport again = replay();
  EXPECT_EQ(again.exit_code(), 0);
  settings.force = true;
  expect_done(replay(), rows);  // from the snapshots: the same
}

TEST_F(LoadingEarly, WaitsForASplitThatIsFarBehind) {
  constexpr int kMany = 40'000;  // of about 100 bytes: far more than may wait
  for (int i = 0; i < kMany; ++i) {
    const std::string late = std::to_string(200'000 + i) + std::string(80, 'x');
    const std::string early = std::to_string(100'000 + i) + std::string(80, 'x');
    store.count("clicks", late, 1);
    rows[late] = {1, 0};
    store.count("views", early, 1);
    rows[early] = {0, 1};
  }
  constexpr int kPages = kMany / 500;
  std::atomic<int> clicks_read = 0;
  std::atomic<int> most_ahead = 0;
  store.on_read = [&](const std::string& split) {
    if (split == "clicks") {
      ++clicks_read;
    } else if (++pages_read < kPages) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      most_ahead = std::max<int>(most_ahead, clicks_read);
    }
  };
  expect_done(run(), rows);
  EXPECT_EQ(clicks_read, kPages);
  EXPECT_LT(most_ahead, kPages / 2) << "its words come after all of the other split";
}

/// Shards that hold words of their own: "a ..." in the first, "b ..." in the second.
TEST_F(LoadingEarly, LoadsShardAfterShard) {
  store.splits.clear();
  constexpr int kShards = 6;
  constexpr int kWordsAShard = 40'000;
  for (int shard = 0; shard < kShards; ++shard) {
    const std::string number =
        " " + std::to_string(kShards - shard);  // planned the other way round
    for (int i = 0; i < kWordsAShard; ++i) {
      const std::string word = std::string(1, static_cast<char>('a' + shard)) + std::to_string(i);
      store.count("clicks" + number, word, i % 91 + 1);
      store.count("views" + number, word, i % 1000 + 1);
      rows[word] = {i % 91 + 1, i % 1000 + 1};
    }
  }
  constexpr int kPages = 2 * kShards * kWordsAShard / 500;
  bool written_meanwhile = false;
  store.on_read = [&](const std::string& /*split*/) {
    if (++pages_read == kPages / 2) {
      for (int i = 0; i < 1000 && !written_meanwhile; ++i) {
        written_meanwhile = batches_written > 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
  };
  expect_done(run(), rows);
  EXPECT_TRUE(written_meanwhile);
  EXPECT_EQ(pages_read, kPages);
}

TEST_F(LoadingEarly, ManyShardsWaitForALargeOneThatIsBeforeThem) {
  store.splits.clear();
  const std::string tail(80, 'x');
  const auto count = [&](const std::string& split, char first, int words) {
    for (int i = 0; i < words; ++i) {
      const std::string word = first + std::to_string(100'000 + i) + tail;
      store.count(split, word, 1);
      rows[word] = {1, 0};
    }
  };
  constexpr int kLarge = 40'000;  // of about 100 bytes
  constexpr int kSmall = 5'000;
  constexpr int kSmallShards = 16;  // eight times as much as may wait
  count("clicks a", 'a', kLarge);
  for (int shard = 0; shard < kSmallShards; ++shard) {
    const char first = static_cast<char>('b' + shard);
    count(std::string("clicks ") + first, first, kSmall);
  }
  constexpr int kPages = kLarge / 500;
  std::atomic<int> small_read = 0;
  std::atomic<int> most_ahead = 0;
  store.on_read = [&](const std::string& split) {
    if (split != "clicks a") {
      ++small_read;
    } else if (++pages_read < kPages) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      most_ahead = std::max<int>(most_ahead, small_read);
    }
  };
  expect_done(run(), rows);
  EXPECT_EQ(small_read, kSmallShards * kSmall / 500);
  EXPECT_LT(most_ahead, small_read / 2);
}

TEST_F(LoadingEarly, DoesNotWaitForASplitThatNobodyReads) {
  constexpr int kMany = 40'000;  // of about 100 bytes: far more than may wait
  for (int i = 0; i < kMany; ++i) {
    const std::string word = std::to_string(100'000 + i) + std::string(80, 'x');
    store.count("clicks", word, 1);
    store.count("views", word, 2);
    if (i > 100)
      store.count("views 2", word, 3);
    rows[word] = {1, i > 100 ? 5 : 2};
  }
  expect_done(run(), rows);
}

TEST_F(LoadingEarly, LoadsOneSplitAlone) {
  store.count("clicks", "shoes", 3);
  expect_done(run(), {{"shoes", {3, 0}}});
}

TEST_F(LoadingEarly, LoadsFromTheSnapshotsWhenThereIsNoMemoryForAllKeys) {
  count_words();
  settings.memory_limit = std::size_t{2} << 20;  // enough for the buckets, one after the other
  expect_done(run(), rows);
}

TEST_F(LoadingEarly, LoadsFromTheSnapshotsWhenAKeyComesOutOfOrder) {
  count_words();
  store.backwards = "views";
  database.has_unique_key = false;  // so that nobody but the engine can find out
  expect_done(run(), rows);
  EXPECT_EQ(database.commits, 1);
}

TEST_F(LoadingEarly, LoadsFromTheSnapshotsWhenARowCameTwice) {
  count_words();
  store.repeated = {{"word 1", 5}, {"word 89999", 7}};
  for (const auto& [word, views] : store.repeated) {
    store.splits["views"].counts[word] = views;
    rows[word].second = views;
  }
  database.has_unique_key = false;
  expect_done(run(), rows);
}

TEST_F(LoadingEarly, LoadsFromTheSnapshotsWhenASplitIsWrittenMeanwhile) {
  store.count("clicks", "shoes", 3);
  store.count("views", "shoes", 10);
  std::atomic<bool> written = false;
  store.on_read = [&](const std::string& split) {
    ++pages_read;
    if (split == "views" && !written.exchange(true))
      store.count("views", "shoes", 5);  // as many rows as before; by the thread that reads it
  };
  expect_done(run(), {{"shoes", {3, 15}}});
  EXPECT_GT(pages_read, 2) << "read again";
}

TEST_F(LoadingEarly, LoadsFromTheSnapshotsWhenTheSinkFailedMeanwhile) {
  count_words();
  database.on_write = [&] {
    return ++batches_written == 1 ? Status(Code::conflict, "the disk hiccups") : Status();
  };
  expect_done(run(), rows);
  EXPECT_GT(batches_written, 1);
}

TEST_F(LoadingEarly, IsNoWayAroundTheBudgetOfRejects) {
  class RejectAll final : public Transform {
   public:
    Result<Schema> bind(const Schema& in) override { return in; }
    Result<std::unique_ptr<Lane>> open(const Partition& /*partition*/) override {
      class RejectLane final : public Lane {
        Status process(RecordBatch in, Emitter& out) override {
          for (std::int64_t row = 0; row < in.num_rows(); ++row)
            DAYMILL_TRY(out.reject({row, "word.bad", "a bad word"}));
          return {};
        }
      };
      return std::unique_ptr<Lane>(std::make_unique<RejectLane>());
    }
  };
  add_transform(std::make_unique<RejectAll>(), DAYMILL_TRANSFORM_ROW_WISE);
  count_words();
  const RunReport report = run();
  EXPECT_EQ(report.state, RunState::too_many_rejects);
  EXPECT_EQ(database.commits, 0);
  EXPECT_FALSE(store.splits["clicks"].counts.empty());
}

TEST_F(LoadingEarly, GivesUpItsRowsWhenTheDayIsNotItsToLoad) {
  store.count("clicks", "shoes", 3);
  database.on_commit = [] { return Status(Code::fenced, "another attempt took over"); };
  const RunReport report = run();
  EXPECT_EQ(report.state, RunState::fenced);
  EXPECT_TRUE(database.rows.empty());
  database.on_commit = [] { return Status(); };
  expect_done(run(), {{"shoes", {3, 0}}});
}

}  // namespace
}  // namespace daymill
