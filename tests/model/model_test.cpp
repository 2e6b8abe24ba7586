// The search at the bounds below, and every mutant at bounds at which it must be found.
// model_test --large searches further (ten minutes, four gigabytes).
#include <gtest/gtest.h>

#include <cstdio>
#include <string_view>

#include "search.hpp"

namespace daymill::model {
namespace {

bool g_large = false;  // --large

constexpr std::uint64_t kNoLimit = 200'000'000;

struct Bound {
  const char* what;
  Bounds bounds;
  bool large;
};

// {split, field} of each increment; the first `initial` are there before any run.
const Bound kBounds[] = {
    {"two splits", {.increments = {{0, 0}, {1, 0}}}, false},
    {"one late write", {.increments = {{0, 0}, {0, 0}}, .initial = 1}, false},
    {"a late write to another field", {.increments = {{0, 0}, {0, 1}}, .initial = 1}, false},
    {"a failover, a crash",
     {.increments = {{0, 0}}, .initial = 1, .crashes = 1, .failovers = 1},
     false},
    {"the sink loses a commit, a crash",
     {.increments = {{0, 0}}, .initial = 1, .crashes = 1, .sink_losses = 1},
     false},
    {"the sink loses a commit, the disk is lost",
     {.increments = {{0, 0}}, .initial = 1, .disk_losses = 1, .sink_losses = 1},
     false},
    {"the disk of the snapshots lost",
     {.increments = {{0, 0}, {0, 0}}, .initial = 1, .disk_losses = 1},
     true},
    {"one late write, a crash", {.increments = {{0, 0}, {0, 0}}, .initial = 1, .crashes = 1}, true},
    {"one late write, a failover",
     {.increments = {{0, 0}, {0, 0}}, .initial = 1, .failovers = 1},
     true},
    {"two splits, a crash", {.increments = {{0, 0}, {1, 0}}, .crashes = 1}, true},
    {"two splits, one late write", {.increments = {{0, 0}, {1, 0}, {0, 0}}}, true},
    {"one late write, two crashes",
     {.increments = {{0, 0}, {0, 0}}, .initial = 1, .crashes = 2},
     true},
    {"one late write, a failover, a crash",
     {.increments = {{0, 0}, {0, 0}}, .initial = 1, .crashes = 1, .failovers = 1},
     true},
    {"two late writes, a failover",
     {.increments = {{0, 0}, {0, 0}, {0, 0}}, .initial = 1, .failovers = 1},
     true},
    {"one late write, the sink loses a commit, a crash",
     {.increments = {{0, 0}, {0, 0}}, .initial = 1, .crashes = 1, .sink_losses = 1},
     true},
    {"one late write, the sink loses a commit, the disk",
     {.increments = {{0, 0}, {0, 0}}, .initial = 1, .disk_losses = 1, .sink_losses = 1},
     true},
    {"two late writes, the sink loses a commit",
     {.increments = {{0, 0}, {0, 0}, {0, 0}}, .initial = 1, .sink_losses = 1},
     true},
    {"two late writes, a failover, a crash",
     {.increments = {{0, 0}, {0, 0}, {0, 0}}, .initial = 1, .crashes = 1, .failovers = 1},
     true},
    {"two splits, a failover", {.increments = {{0, 0}, {1, 0}}, .failovers = 1}, true},
    {"two splits, the sink loses a commit, a crash",
     {.increments = {{0, 0}, {1, 0}}, .crashes = 1, .sink_losses = 1},
     true},
    {"two splits, the sink loses a commit, the disk",
     {.increments = {{0, 0}, {1, 0}}, .disk_losses = 1, .sink_losses = 1},
     true},
    {"two splits, a late write to each", {.increments = {{0, 0}, {1, 0}, {0, 0}, {1, 0}}}, true},
    {"two splits, a late write, the sink loses a commit",
     {.increments = {{0, 0}, {1, 0}, {0, 0}}, .sink_losses = 1},
     true},
    {"two splits, a late write, two crashes",
     {.increments = {{0, 0}, {1, 0}, {0, 0}}, .crashes = 2},
     true},
    // All at once.
    {"two splits, a late write, a crash, a failover",
     {.increments = {{0, 0}, {1, 0}, {0, 0}}, .crashes = 1, .failovers = 1},
     true},
};

TEST(Model, SoundProtocolHasNoViolation) {
  std::uint64_t states = 0;
  for (const Bound& bound : kBounds) {
    if (bound.large && !g_large) {
      continue;
    }
    const Engine engine(bound.bounds, Mutant::none);
    const Findings found = Search(engine, kNoLimit).run();
    std::printf("%-52s %9llu states %10llu transitions  depth %3d  %6llu endings  violations %d\n",
                bound.what, static_cast<unsigned long long>(found.states),
                static_cast<unsigned long long>(found.transitions), found.depth,
                static_cast<unsigned long long>(found.endings), found.violation.empty() ? 0 : 1);
    std::fflush(stdout);
    states += found.states;
    EXPECT_EQ(found.violation, "") << bound.what << "\n" << found.trace;
    EXPECT_TRUE(found.complete) << bound.what;
  }
  std::printf("together %llu states\n", static_cast<unsigned long long>(states));
}

Bounds bounds_of(Mutant mutant) {
  switch (mutant) {
    case Mutant::shared_connection:
    case Mutant::stage_by_name:
    case Mutant::discard_by_generation:
    case Mutant::hasty_verdict:
      return {.increments = {{0, 0}, {1, 0}, {0, 0}}};
    case Mutant::receipts_not_compared:
      return {.increments = {{0, 0}, {0, 0}}, .initial = 1, .disk_losses = 1};
    case Mutant::record_not_compared:
    case Mutant::any_snapshot_recovered:
      return {.increments = {{0, 0}, {0, 0}}, .initial = 1, .sink_losses = 1};
    case Mutant::lost_commit_unnoticed:
      return {.increments = {{0, 0}}, .initial = 1, .sink_losses = 1};
    default:
      return {.increments = {{0, 0}, {0, 0}, {0, 0}}, .initial = 1, .crashes = 0};
  }
}

class ModelMutant : public testing::TestWithParam<MutantText> {};

TEST_P(ModelMutant, IsCaught) {
  const Engine engine(bounds_of(GetParam().mutant), GetParam().mutant);
  const Findings found = Search(engine, kNoLimit).run();
  std::printf("%s: %llu states, then %s\n%s", GetParam().meaning,
              static_cast<unsigned long long>(found.states), found.violation.c_str(),
              found.trace.c_str());
  EXPECT_NE(found.violation, "");
}

INSTANTIATE_TEST_SUITE_P(All, ModelMutant, testing::ValuesIn(kMutants),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace daymill::model

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    daymill::model::g_large |= std::string_view(argv[i]) == "--large";
  }
  return RUN_ALL_TESTS();
}
