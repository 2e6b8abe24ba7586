// Counts that arrive while their day is read, loaded or removed, and after that: none is lost, none
// is counted twice.
#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <thread>

#include "ad_pipeline.hpp"
#include "postgres_session.hpp"
#include "support/wait_until.hpp"

namespace daymill::integration {
namespace {

using support::Process;
using support::wait_until;

constexpr int kRunsUntilQuiet = 10;

class LateCounts : public AdPipelineTest {
 protected:
  /// Runs the day until nothing is left to do, as a schedule would.
  void run_until_done() const {
    for (int i = 0; i < kRunsUntilQuiet; ++i)
      if (run_report()["state"] == "DONE")
        return;
    FAIL() << "not done after " << kRunsUntilQuiet << " runs without a writer";
  }
  void expect_all_of(const AdCounts& acknowledged) const {
    EXPECT_EQ(table_differs_from(acknowledged), "");
    EXPECT_EQ(redis_keys(), records_of({kDay}));
    EXPECT_EQ(number("SELECT count(*) FROM daymill.reject"), 0);
  }
};

/// A client of its own thread that goes on counting until it is stopped.
class Writer {
 public:
  /// `before_each`: called before every burst; may wait.
  Writer(int port, int burst, std::function<void(const std::atomic<bool>&)> before_each)
      : thread_([=, this, before = std::move(before_each)] {
          RedisClient client(port);
          std::mt19937_64 random(7);
          while (!stop_) {
            before(stop_);
            std::vector<Increment> increments;
            for (int i = 0; i < burst; ++i) {
              const Event event = random() % 3 == 0 ? Event::click : Event::impression;
              const bool existing = random() % 2 == 0;
              const auto ad_id = static_cast<std::int64_t>(random() % (existing ? 50 : 3'000));
              increments.push_back({event, {ad_id, existing ? "shoes" : "new"}, 1});
            }
            client.record(kDay, increments);
            acknowledged_.add(increments);
            ++bursts_;
          }
        }) {}
  [[nodiscard]] int bursts() const { return bursts_; }
  const AdCounts& stop() {
    stop_ = true;
    thread_.join();
    return acknowledged_;
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> bursts_ = 0;
  AdCounts acknowledged_;
  std::jthread thread_;
};

TEST_F(LateCounts, WriterThatNeverPausesLosesNothing) {
  AdCounts acknowledged;
  const auto increments = day_of_increments(2'000);
  record(increments);
  acknowledged.add(increments);
  Writer writer(redis().port(), 1, [](const auto&) {});
  int busy_runs = 0;
  for (int i = 0; i < 2; ++i) {
    const int before = writer.bursts();
    const auto report = run_report();
    EXPECT_TRUE(report["state"] == "DONE" || report["error"]["code"] == "CONFLICT")
        << report.dump(2);
    busy_runs += writer.bursts() > before ? 1 : 0;
  }
  acknowledged.add(writer.stop());
  EXPECT_EQ(busy_runs, 2);
  run_until_done();
  expect_all_of(acknowledged);
}

// Bursts land at many different points of a run: between two pages of a scan, between the scan and
// the commit, before and after the removal.
TEST_F(LateCounts, BurstsBetweenTheCommandsOfARunLoseNothing) {
  AdCounts acknowledged;
  const auto increments = day_of_increments(2'000);
  record(increments);
  acknowledged.add(increments);
  Writer writer(redis().port(), 5,
                [probe = std::make_shared<RedisClient>(redis().port()),
                 random = std::make_shared<std::mt19937_64>(11)](const std::atomic<bool>& stop) {
                  constexpr std::uint64_t kMostCommands = 60;
                  const auto wanted = static_cast<std::int64_t>(1 + (*random)() % kMostCommands);
                  const std::int64_t before = probe->commands_processed();
                  for (std::int64_t own = 1;
                       !stop && probe->commands_processed() - own - before < wanted; ++own)
                    std::this_thread::yield();
                });
  for (int i = 0; i < 8; ++i) {
    const auto report = run_report();
    EXPECT_TRUE(report["state"] == "DONE" || report["error"]["code"] == "CONFLICT")
        << report.dump(2);
  }
  EXPECT_GT(writer.bursts(), 8);
  acknowledged.add(writer.stop());
  run_until_done();
  expect_all_of(acknowledged);
}

TEST_F(LateCounts, CountsBetweenReadingAndCommitAreReadAgainByTheSameRun) {
  pipeline["retry"] = {{"attempts", 100}, {"backoff", "1ms..2ms"}};
  AdCounts counts;
  const auto increments = day_of_increments(500);
  record(increments);
  counts.add(increments);
  // Others may read the table, nobody may attach a day to it: the commit waits.
  PostgresSession operator_session(postgres().conninfo(database));
  operator_session.exec("BEGIN; LOCK TABLE advertisement_analytics IN SHARE MODE");
  Process run(options({"run", write_pipeline(), "--date", kDay}));
  ASSERT_TRUE(wait_until([&] {
    return number(
               "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT "
               "granted AND application_name = 'daymill'") > 0 ||
           !run.running();
  })) << run.standard_error();
  const std::vector<Increment> more = {{Event::click, increments.front().word, 5},
                                       {Event::impression, {123456, "new: word"}, 7}};
  record(more);
  counts.add(more);
  operator_session.exec("COMMIT");
  const auto result = run.wait(std::chrono::seconds(120));
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(exited(*result, 0));
  expect_all_of(counts);
  EXPECT_EQ(number("SELECT max(generation) FROM daymill.receipt"), 1)
      << "nothing was removed in between";
}

TEST_F(LateCounts, LateDataAfterTheRemovalIsAddedToTheDay) {
  AdCounts counts;
  const auto increments = day_of_increments(300);
  record(increments);
  counts.add(increments);
  ASSERT_TRUE(exited(run_day(), 0));
  for (int late = 1; late <= 3; ++late) {
    const std::vector<Increment> more = {{Event::click, increments.front().word, late},
                                         {Event::click, {777, "late " + std::to_string(late)}, 2}};
    record(more);
    counts.add(more);
    EXPECT_TRUE(exited(run_day(), 0));
    expect_all_of(counts);
    EXPECT_EQ(number("SELECT max(generation) FROM daymill.receipt WHERE split LIKE 'click%'"),
              late + 1);
    EXPECT_EQ(number("SELECT max(generation) FROM daymill.receipt WHERE split LIKE 'view%'"), 1);
  }
  const std::string checksum = table_checksum();
  EXPECT_TRUE(exited(replay_day({"--force"}), 0));
  EXPECT_EQ(table_checksum(), checksum);
}

TEST_F(LateCounts, InterruptedRunIsFinishedByTheNext) {
  pipeline["retry"] = {{"attempts", 100}, {"backoff", "1ms..2ms"}};
  AdCounts counts;
  const auto increments = day_of_increments(500);
  record(increments);
  counts.add(increments);
  PostgresSession operator_session(postgres().conninfo(database));
  operator_session.exec("BEGIN; LOCK TABLE advertisement_analytics IN SHARE MODE");
  for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
    Process run(options({"run", write_pipeline(), "--date", kDay}));
    ASSERT_TRUE(wait_until([&] {
      return number(
                 "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT "
                 "granted AND application_name = 'daymill'") > 0 ||
             !run.running();
    })) << run.standard_error();
    run.send_signal(signal);
    const auto result = run.wait(std::chrono::seconds(120));
    ASSERT_TRUE(result.has_value());
    if (signal == SIGKILL)
      EXPECT_EQ(result->signal, SIGKILL);
    else
      EXPECT_TRUE(exited(*result, 130));
    ASSERT_TRUE(wait_until([&] {
      return number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daymill'") ==
             0;
    }));
    EXPECT_EQ(number("SELECT count(*) FROM daymill.receipt"), 0);
    EXPECT_EQ(redis().command({"HLEN", key_of(Event::click, kDay)}), "500");
  }
  operator_session.exec("COMMIT");
  EXPECT_TRUE(exited(run_day(), 0));
  expect_all_of(counts);
  EXPECT_EQ(number("SELECT count(*) FROM pg_class JOIN pg_namespace ON relnamespace = "
                   "pg_namespace.oid WHERE nspname = 'daymill_stage' AND relkind = 'r'"),
            0)
      << "stages of the interrupted runs are dropped";
}

}  // namespace
}  // namespace daymill::integration
