#include "scan_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "shard_order.hpp"

namespace daymill::redis_hash {
namespace {

std::uint64_t reversed(std::uint64_t bits) {
  std::uint64_t result = 0;
  for (int i = 0; i < 64; ++i) {
    result = result << 1 | (bits >> i & 1);
  }
  return result;
}

/// A hash's table as Redis has it: fields in buckets by the lower bits of their hashes, HSCAN as in
/// dict.c.
class Table {
 public:
  Table(int bits, std::size_t num_fields) {
    std::mt19937_64 random(num_fields);
    for (std::size_t i = 0; i < num_fields; ++i) {
      fields_.emplace_back(random(), "f" + std::to_string(i));
    }
    resize(bits);
  }
  void resize(int bits) {
    buckets_.assign(std::size_t{1} << bits, {});
    for (const auto& [hash, field] : fields_) {
      buckets_[hash & (buckets_.size() - 1)].push_back(field);
    }
  }
  std::vector<std::string> scan(std::uint64_t& cursor, std::size_t count) const {
    std::vector<std::string> found;
    const std::uint64_t mask = buckets_.size() - 1;
    do {
      const auto& bucket = buckets_[cursor & mask];
      found.insert(found.end(), bucket.begin(), bucket.end());
      cursor = reversed(reversed(cursor | ~mask) + 1);
    } while (cursor != 0 && found.size() < count);
    return found;
  }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::uint64_t, std::string>> fields_;
  std::vector<std::vector<std::string>> buckets_;
};

/// As HashReader reads; `before_page` may change the table.
std::map<std::string, int> read(ScanOrder& order, Table& table, std::size_t count,
                                const std::function<void(int page)>& before_page = {}) {
  std::map<std::string, int> times;
  ReadPosition position;
  std::uint64_t cursor = order.ask();
  for (int page = 0; !order.finished(); ++page) {
    if (before_page) {
      before_page(page);
    }
    const std::vector<std::string> rows = table.scan(cursor, count);
    const std::optional<std::string> given_already = order.begin_page(cursor);
    if (!order.all_asked()) {
      cursor = order.ask();
    }
    std::optional<std::string> first;
    for (const std::string& row : rows) {
      if (row == given_already) {
        break;
      }
      ++times[row];
      if (!first) {
        first = row;
      }
    }
    order.end_page(first);
    const ReadPosition next = order.position();
    EXPECT_GE(next.complete, position.complete);
    EXPECT_GE(next.reached, position.reached);
    EXPECT_LE(next.complete, next.reached);
    position = next;
  }
  EXPECT_EQ(position.complete, ReadPosition::kEnd);
  EXPECT_EQ(position.reached, ReadPosition::kEnd);
  return times;
}

TEST(ScanOrder, GivesEveryFieldOnce) {
  for (const bool in_stripes : {false, true}) {
    for (const int bits : {8, 12, 16, 17}) {
      for (const std::size_t count : {10, 500, 5000}) {
        Table table(bits, 60'000);
        ScanOrder order(in_stripes);
        const auto times = read(order, table, count);
        EXPECT_TRUE(order.is_kept());
        EXPECT_EQ(times.size(), table.size()) << bits << " bits, pages of " << count;
        EXPECT_TRUE(std::all_of(times.begin(), times.end(),
                                [](const auto& one) { return one.second == 1; }))
            << bits << " bits, pages of " << count;
      }
    }
  }
}

TEST(ScanOrder, MissesNothingWhereTheTableGrowsOrShrinks) {
  for (const int bits : {14, 18}) {
    Table table(16, 60'000);
    ScanOrder order(true);
    const auto times = read(order, table, 500, [&](int page) {
      if (page == 47) {
        table.resize(bits);
      }
    });
    EXPECT_TRUE(order.in_stripes());
    EXPECT_TRUE(order.is_kept());
    EXPECT_EQ(times.size(), table.size()) << bits;
  }
}

TEST(ScanOrder, AHashThatIsOnePageNeedsNoStripes) {
  Table table(16, 60'000);
  ScanOrder order(true);
  EXPECT_EQ(read(order, table, 1'000'000).size(), table.size());
  EXPECT_FALSE(order.in_stripes());
}

/// Keys lie between the places that the reading had before and after their page, in any table of
/// the same hashes.
TEST(ScanOrder, AKeyHasOnePlaceInAllHashes) {
  struct Room {
    std::uint64_t begin;
    std::uint64_t end;
  };
  std::map<std::string, Room> rooms;
  for (const int bits : {15, 16, 18}) {
    Table table(bits, 60'000);
    ScanOrder order(true);
    std::uint64_t cursor = order.ask();
    for (ReadPosition before; !order.finished(); before = order.position()) {
      const std::vector<std::string> rows = table.scan(cursor, 300);
      const std::optional<std::string> given_already = order.begin_page(cursor);
      if (!order.all_asked()) {
        cursor = order.ask();
      }
      order.end_page(rows.empty() ? std::nullopt : std::optional<std::string_view>(rows[0]));
      for (const std::string& row : rows) {
        if (row == given_already) {
          break;
        }
        Room& room = rooms.try_emplace(row, Room{0, ReadPosition::kEnd}).first->second;
        room.begin = std::max(room.begin, before.complete);
        room.end = std::min(room.end, order.position().reached);
        ASSERT_LT(room.begin, room.end) << row << " in a table of " << bits << " bits";
      }
    }
  }
}

TEST(ShardOrder, IsTheOrderOfTheHashWhereThereIsOne) {
  const ShardOrder whole(0, 1);
  for (const std::uint64_t place : {std::uint64_t{0}, std::uint64_t{12345}, ReadPosition::kEnd}) {
    EXPECT_EQ(whole.position({place, place}).complete, place);
    EXPECT_EQ(whole.position({place, place}).reached, place);
  }
}

/// What a hash has given lies before the beginning of the next shard, where its reading ends, too.
TEST(ShardOrder, GoesFromShardToShard) {
  constexpr std::size_t kShards = 1000;
  std::uint64_t end_before = 0;
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    const ShardOrder order(shard, kShards);
    const ReadPosition begin = order.position({0, ReadPosition::kEnd});
    const ReadPosition middle =
        order.position({ReadPosition::kEnd / 2, ReadPosition::kEnd / 3 * 2});
    const ReadPosition end = order.position({ReadPosition::kEnd, ReadPosition::kEnd});
    EXPECT_EQ(begin.complete, end_before);
    EXPECT_LT(begin.complete, middle.complete);
    EXPECT_LT(middle.complete, middle.reached);
    EXPECT_LT(middle.reached, end.reached);
    EXPECT_EQ(end.complete, ReadPosition::kEnd);
    EXPECT_EQ(begin.reached, end.reached);
    end_before = end.reached;
  }
}

TEST(ScanOrder, EndsWhereCursorsAreNoPlaces) {
  ScanOrder standing(true);
  standing.ask();
  standing.begin_page(std::uint64_t{1} << 20);  // a small step
  standing.end_page("a");
  EXPECT_TRUE(standing.in_stripes());
  standing.begin_page((static_cast<void>(standing.ask()), 3));  // to another stripe
  EXPECT_FALSE(standing.is_kept());
  EXPECT_TRUE(standing.all_asked());
  standing.end_page("b");
  EXPECT_TRUE(standing.finished());
}

}  // namespace
}  // namespace daymill::redis_hash
