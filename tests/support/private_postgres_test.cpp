#include "support/private_postgres.hpp"

#include <gtest/gtest.h>

namespace daymill::support {
namespace {

TEST(PrivatePostgres, AnswersWithTextAndNull) {
  auto& postgres = PrivatePostgres::shared();
  const auto rows = postgres.query("SELECT 1, NULL, '靴:x'");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0], (PrivatePostgres::Row{"1", std::nullopt, "靴:x"}));
  EXPECT_EQ(postgres.query("SHOW server_encoding")[0][0], "UTF8");
  EXPECT_EQ(postgres.query("SHOW fsync")[0][0], "on");
  EXPECT_THROW(postgres.exec("SELECT no_such_column"), std::runtime_error);
}

TEST(PrivatePostgres, EachTestHasItsOwnDatabase) {
  auto& postgres = PrivatePostgres::shared();
  const std::string first = postgres.create_database();
  const std::string second = postgres.create_database();
  postgres.exec("CREATE TABLE t (i int)", first);
  EXPECT_EQ(postgres.query("SELECT to_regclass('t') IS NULL", second)[0][0], "t");
}

TEST(PrivatePostgres, KeepsWhatWasCommittedThroughKill9AndRestart) {
  PrivatePostgres postgres;
  const int port = postgres.port();
  postgres.exec("CREATE TABLE t AS SELECT 42 AS i");
  postgres.kill9();
  EXPECT_THROW(postgres.query("SELECT 1"), std::runtime_error);
  postgres.start();
  EXPECT_EQ(postgres.port(), port);
  EXPECT_EQ(postgres.query("SELECT i FROM t")[0][0], "42");
  postgres.restart();
  EXPECT_EQ(postgres.query("SELECT i FROM t")[0][0], "42");
}

TEST(PrivatePostgres, AsksForThePasswordWithScram) {
  PrivatePostgres postgres({.scram = true, .settings = {{"max_connections", "17"}}});
  EXPECT_EQ(postgres.query("SHOW max_connections")[0][0], "17");
  const std::string sql = "CREATE ROLE other LOGIN PASSWORD 'pw'";
  postgres.exec(sql);
  const auto wrong =
      run_process({.argv = {"psql", "-w", "-h", "127.0.0.1", "-p", std::to_string(postgres.port()),
                            "-U", "other", "-c", "SELECT 1", "postgres"},
                   .environment = {{"PGPASSWORD", "not it"}}});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.standard_error.find("password authentication failed"), std::string::npos);
}

}  // namespace
}  // namespace daymill::support
