#include "my_plugin.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace {

using namespace daymill;

const Schema kRows{
    {{"word", Type::text, Role::key, false}, {"clicks", Type::int64, Role::measure, true}}};
const Partition kDay{"2026-11-22", 20779, 1795305600000000, 1795392000000000};

/// An attempt up to its end, with one row.
Status write_day(MyPlugin& sink) {
  DAYMILL_TRY(sink.bind(kRows, "example"));
  DAYMILL_ASSIGN(const std::int64_t epoch, sink.claim(kDay));
  DAYMILL_TRY(sink.begin(Attempt{kDay, epoch, "run"}));
  DAYMILL_ASSIGN(const auto writer, sink.open());
  BatchBuilder rows(kRows);
  rows.column(0).append_bytes("shoes");
  rows.column(1).append_int64(3);
  rows.end_row();
  DAYMILL_TRY(writer->write(rows.finish()));
  return writer->finish();
}

Load load_of(std::int64_t rows) {
  Load load;
  load.rows_out = rows;
  return load;
}

std::string content(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(MyPluginTest, TheDayIsThereAfterTheCommitAndNotBefore) {
  const std::string file = testing::TempDir() + "my_plugin-20261122.tsv";
  std::remove(file.c_str());
  MyPlugin sink(testing::TempDir() + "my_plugin-{date:%Y%m%d}.tsv", Host());
  ASSERT_TRUE(write_day(sink).ok());
  EXPECT_FALSE(std::ifstream(file).good());
  ASSERT_TRUE(sink.commit(load_of(1), {}).ok());
  EXPECT_EQ(content(file), "shoes\t3\n");

  ASSERT_TRUE(write_day(sink).ok());
  EXPECT_EQ(sink.commit(load_of(2), {}).code(), Code::invalid_data);
  sink.abort();
  EXPECT_EQ(content(file), "shoes\t3\n");
  EXPECT_FALSE(std::ifstream(file + ".part").good());
  std::remove(file.c_str());
}

}  // namespace
