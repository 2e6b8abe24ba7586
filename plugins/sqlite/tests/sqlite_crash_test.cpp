// What a full disk or a killed process leaves behind: the day as it was, or the day as it was to
// be.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "sink_fixture.hpp"

namespace daymill::sqlite {
namespace {

const Rows kOld{{7, "shoes", 1, 4}};

Rows many_rows(int count) {
  Rows rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back({i * 7919 % count, std::string(3000, static_cast<char>('a' + i % 26)), 1, 2});
  }
  return rows;
}

void expect_old_day(const SinkFixture& f) {
  EXPECT_EQ(f.table(), (std::vector<std::string>{"2026-11-20|7|shoes|1|4|0.25"}));
  EXPECT_EQ(f.query("PRAGMA integrity_check").at(0), "ok");
  EXPECT_EQ(f.bound()->receipts(day_of(kDay), true).value().difference, "");
}

TEST(SqliteCrash, AFullDatabaseIsResourceExhaustedAndRollsBack) {
  SinkFixture f;
  ASSERT_TRUE(f.load(*f.bound(), kDay, kOld).ok());
  std::shared_ptr<Connection> connection = f.other();
  ASSERT_TRUE(connection->execute("PRAGMA max_page_count = 20").ok());
  const Target target{"analytics", "date", {"date", "ad_id", "search_word"}, rows_schema()};
  auto stage = std::move(Stage::create(connection, rows_schema(), Host())).value();
  auto writer = std::move(stage->open_writer()).value();
  ASSERT_TRUE(writer->write(batch_of(many_rows(100))).ok());
  ASSERT_TRUE(writer->finish().ok());
  {
    auto transaction = std::move(Transaction::begin(*connection, Transaction::Kind::write)).value();
    ASSERT_TRUE(target.remove_day(*connection, kDay).ok());
    const Status status = target.insert_day(*connection, kDay, stage->finished_tables());
    EXPECT_EQ(status.code(), Code::resource_exhausted) << status.to_string();
  }
  expect_old_day(f);
}

TEST(SqliteCrash, AFailingWriteLeavesTheOldDay) {
  SinkFixture f;
  const auto sink = f.bound();
  ASSERT_TRUE(f.load(*sink, kDay, kOld).ok());
  const Rows rows = many_rows(2000);
  const std::int64_t epoch = sink->claim(day_of(kDay)).value();
  ASSERT_TRUE(f.stage(*sink, kDay, epoch, rows).ok());
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = 200000;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const Status status = sink->commit(load_of(rows, epoch), {receipt_of(1, epoch)});
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(status.ok());
  sink->abort();
  expect_old_day(f);
  ASSERT_TRUE(f.load(*sink, kDay, rows).ok());
}

/// A host that kills the process the n-th time it is asked whether to stop.
struct DeadlyHost {
  int left = 0;
  bool armed = false;
  daymill_host c_host{sizeof(daymill_host), this, [](void*, std::int32_t, daymill_text) {},
                      [](void* self) -> std::int32_t {
                        auto* host = static_cast<DeadlyHost*>(self);
                        if (host->armed && --host->left == 0) {
                          ::kill(::getpid(), SIGKILL);
                        }
                        return 0;
                      }};
};

/// Loads in a child process that dies in its commit; true when it came to the end instead.
bool load_and_die(const SinkFixture& f, const Rows& rows, int after) {
  const pid_t child = ::fork();
  if (child == 0) {
    DeadlyHost host;
    host.left = after;
    const auto sink = f.bound("ads", Host(&host.c_host));
    const std::int64_t epoch = sink->claim(day_of(kDay)).value();
    const Status staged = f.stage(*sink, kDay, epoch, rows);
    host.armed = true;
    const Status status = sink->commit(load_of(rows, epoch), {receipt_of(1, epoch)});
    ::_exit(staged.ok() && status.ok() ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
  return !WIFSIGNALED(status);
}

TEST(SqliteCrash, AProcessKilledInItsCommitLeavesTheOldDay) {
  SinkFixture f;
  ASSERT_TRUE(f.load(*f.bound(), kDay, kOld).ok());
  const Rows rows = many_rows(15000);  // more than the page cache holds: pages are written early
  int killed = 0;
  int half_written = 0;
  while (!load_and_die(f, rows, killed + 1)) {
    ++killed;
    half_written += std::filesystem::exists(f.database() + "-journal") ? 1 : 0;
    expect_old_day(f);
  }
  EXPECT_GE(killed, 3);
  EXPECT_GE(half_written, 1);
  EXPECT_EQ(f.query("SELECT count(*), sum(clicks) FROM analytics").at(0), "15000|15000");
  const Evidence evidence = f.bound()->receipts(day_of(kDay), true).value();
  EXPECT_EQ(evidence.difference, "");
  EXPECT_EQ(evidence.load->epoch, killed + 2);
}

}  // namespace
}  // namespace daymill::sqlite
