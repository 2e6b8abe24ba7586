// Pipelines that begin or end elsewhere than the product's own: a query of PostgreSQL as the
// source, a Redis hash as the sink.
#include <algorithm>
#include <map>

#include "ad_pipeline.hpp"

namespace daymill::integration {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

class Connectors : public AdPipelineTest {
 protected:
  Connectors() {
    sql("CREATE TABLE orders (day date, shop_id bigint, product text, sold bigint, note text)");
    sql("INSERT INTO orders SELECT '2024-11-22', i % 500, 'p' || i, i % 7, 'n'"
        " FROM generate_series(1, 5000) AS i");
    sql("INSERT INTO orders VALUES ('2024-11-21', 1, 'other day', 1000, 'n')");
    pipeline["name"] = "orders";
    pipeline["transforms"] = ordered_json::array();
    pipeline["source"] = {
        {"plugin", "postgres"},
        {"config",
         {{"host", "127.0.0.1"},
          {"port", postgres().port()},
          {"database", database},
          {"query", "SELECT * FROM orders WHERE day = {date}"},
          {"split_by", "shop_id"},
          {"splits", 4},
          {"columns",
           {{"shop_id", "int64"}, {"product", "text"}, {"sold", "int64"}, {"note", "text"}}},
          {"keys", {"shop_id", "product"}},
          {"measures", {"sold"}}}}};
  }
  void sql(const std::string& text) { postgres().exec(text, database); }

  void into_postgres() {
    ordered_json& config = pipeline["sink"]["config"];
    config["table"] = "sold";
    config["create"] = true;
    config["key"] = {"date", "shop_id", "product"};
  }
  void into_sqlite() {
    pipeline["sink"] = {{"plugin", "sqlite"},
                        {"config",
                         {{"database", (folder / "out.db").string()},
                          {"table", "sold"},
                          {"partition_column", "date"},
                          {"key", {"date", "shop_id", "product"}},
                          {"create", true}}}};
  }
  void into_redis() {
    pipeline["sink"] = {{"plugin", "redis_hash"},
                        {"config",
                         {{"host", "127.0.0.1"},
                          {"port", redis().port()},
                          {"key", "sold:{date:%Y%m%d}"},
                          {"field", "{shop_id:int64}:{product:text}"},
                          {"value", "sold"}}}};
  }
  /// Runs the day and expects it done; was anything written, and the sum of what was loaded.
  void expect_run(bool writes, std::int64_t sum) {
    const json report = run_report();
    ASSERT_EQ(report["exit_code"], 0) << report.dump(2);
    EXPECT_EQ(report["state"], "DONE");
    EXPECT_EQ(report["wrote_nothing"], !writes) << report.dump(2);
    if (writes) {
      EXPECT_EQ(report["sums"]["out"]["sold"], sum);
    }
  }
  std::int64_t sold() { return number("SELECT sum(sold) FROM orders WHERE day = '2024-11-22'"); }
  std::map<std::string, std::string> hash() {
    const auto list = redis().list({"HGETALL", "sold:20241122"});
    std::map<std::string, std::string> found;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
      found[list[i]] = list[i + 1];
    }
    return found;
  }
};

TEST_F(Connectors, AQueryIsLoadedOnceAndFollowed) {
  for (const bool postgres_sink : {true, false}) {
    SCOPED_TRACE(postgres_sink ? "into postgres" : "into sqlite");
    postgres_sink ? into_postgres() : into_sqlite();
    expect_run(true, sold());
    expect_run(false, 0);
    sql("UPDATE orders SET sold = sold + 5, note = 'more' WHERE product = 'p77'");
    expect_run(true, sold());
    expect_run(false, 0);
    if (postgres_sink) {
      EXPECT_EQ(query("SELECT count(*), sum(sold) FROM sold WHERE date = '2024-11-22'")[0][1],
                std::to_string(sold()));
      EXPECT_EQ(query("SELECT note FROM sold WHERE product = 'p77'")[0][0], "more");
      EXPECT_EQ(number("SELECT count(*) FROM daymill.receipt WHERE pipeline = 'orders'"), 4);
    }
  }
}

TEST_F(Connectors, AQueryThatGivesLessNeedsADecision) {
  into_postgres();
  expect_run(true, sold());
  const std::int64_t before = sold();
  sql("DELETE FROM orders WHERE product = 'p20'");
  EXPECT_TRUE(exited(run_day(), 1));
  EXPECT_EQ(number("SELECT sum(sold) FROM sold"), before) << "nothing was changed";
  EXPECT_TRUE(exited(daymill({"run", write_pipeline(), "--date", kDay, "--accept-decrease"}), 0));
  EXPECT_EQ(number("SELECT sum(sold) FROM sold"), sold());
  expect_run(false, 0);
}

TEST_F(Connectors, AnotherNumberOfSplitsDoesNotCountTwice) {
  into_postgres();
  expect_run(true, sold());
  pipeline["source"]["config"]["splits"] = 2;
  const auto refused = run_day();
  EXPECT_TRUE(exited(refused, 2));
  EXPECT_TRUE(says(refused.standard_error, {"query part 1 of 4 by shop_id", "twice"}));
  EXPECT_EQ(number("SELECT sum(sold) FROM sold"), sold());
  pipeline["source"]["config"]["splits"] = 4;
  expect_run(false, 0);
}

TEST_F(Connectors, ATypeThatDoesNotFitStopsBeforeAnythingIsWritten) {
  into_postgres();
  pipeline["source"]["config"]["query"] =
      "SELECT shop_id, product, sum(sold) AS sold, 'n' AS note FROM orders WHERE day = {date}"
      " GROUP BY shop_id, product";
  const auto refused = run_day();
  EXPECT_TRUE(exited(refused, 1));
  EXPECT_TRUE(says(refused.standard_error,
                   {"SCHEMA_MISMATCH", "\"sold\"", "numeric", "bigint", "\"sold\"::bigint"}));
  EXPECT_EQ(number("SELECT count(*) FROM daymill.fence"), 0);
}

TEST_F(Connectors, ADayAppearsInRedisAtOnceAndIsReplaced) {
  into_redis();
  expect_run(true, sold());
  EXPECT_EQ(hash().size(), 5'000u);
  EXPECT_EQ(hash()["77:p77"], "0");
  sql("DELETE FROM orders WHERE shop_id <> 77");
  expect_run(true, sold());
  EXPECT_EQ(hash().size(), 10u);
  sql("DELETE FROM orders");
  EXPECT_TRUE(exited(run_day(), 0));
  EXPECT_EQ(redis_keys(), std::vector<std::string>{});
}

TEST_F(Connectors, NobodySeesHalfADayInRedis) {
  into_redis();
  expect_run(true, sold());
  support::Process run(options({"run", write_pipeline(), "--date", kDay}));
  std::vector<std::string> sizes;
  while (run.running()) {
    sizes.push_back(redis().command({"HLEN", "sold:20241122"}).value());
  }
  EXPECT_FALSE(sizes.empty());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  EXPECT_EQ(sizes, std::vector<std::string>{"5000"});
}

TEST_F(Connectors, DoctorLooksAtBoth) {
  into_redis();
  const auto result = daymill({"doctor", write_pipeline()});
  EXPECT_TRUE(exited(result, 0));
  EXPECT_TRUE(says(result.standard_output + result.standard_error,
                   {"the query gives the 4 declared columns", "writing a day is allowed"}));
}

}  // namespace
}  // namespace daymill::integration
