#include "my_plugin.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace {

using namespace daymill;

class Collector final : public Emitter {
 public:
  Status emit(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      rows.emplace_back(batch.column(0).bytes_at(row));
      sum += batch.column(1).int64s()[row];
    }
    return {};
  }
  Status reject(const Rejection& rejection) override {
    rejected.emplace_back(rejection.message);
    return {};
  }
  std::vector<std::string> rows;
  std::vector<std::string> rejected;
  std::int64_t sum = 0;
};

const Partition kDay{"2026-11-22", 20779, 1795305600000000, 1795392000000000};

TEST(MyPluginTest, ReadsTheDayAndRejectsWhatIsNoCount) {
  const std::string path = testing::TempDir() + "my_plugin-20261122.tsv";
  std::ofstream(path) << "shoes\t3\nhats\t4\nbroken\tmany\n";
  MyPlugin source(testing::TempDir() + "my_plugin-{date:%Y%m%d}.tsv", Host());
  const auto splits = source.plan(kDay);
  ASSERT_TRUE(splits.ok()) << splits.status().to_string();
  ASSERT_TRUE(splits->front().present);
  auto reader = source.open(kDay, splits->front());
  ASSERT_TRUE(reader.ok()) << reader.status().to_string();
  BatchBuilder raw(source.raw_schema().value());
  ASSERT_EQ((*reader)->read(raw).value(), ReadState::end);

  Collector out;
  auto decoder = source.decoder(kDay, "words");
  ASSERT_TRUE((*decoder)->process(raw.finish(), out).ok());
  ASSERT_TRUE((*decoder)->finish(out).ok());
  EXPECT_EQ(out.rows, (std::vector<std::string>{"shoes", "hats"}));
  EXPECT_EQ(out.sum, 7);
  EXPECT_EQ(out.rejected.size(), 1u);
  std::remove(path.c_str());
}

TEST(MyPluginTest, ADayWithoutAFileIsAnAbsentSplit) {
  MyPlugin source("/nowhere/{date}.tsv", Host());
  EXPECT_FALSE(source.plan(kDay).value().front().present);
}

}  // namespace
