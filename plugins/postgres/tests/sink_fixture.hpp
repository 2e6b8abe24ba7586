// A sink against a real server, in a database of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daymill/plugin.hpp"
#include "support/private_postgres.hpp"

namespace daymill::postgres {

using support::PrivatePostgres;

/// The engine, as far as a sink sees it.
struct TestHost {
  std::atomic<bool> stop = false;
  daymill_host abi;
  TestHost();
  [[nodiscard]] Host host() const { return Host(&abi); }
};

struct AdRow {
  std::int64_t ad_id = 0;
  std::string word;
  std::int64_t clicks = 0;
  std::int64_t impressions = 0;
};

inline const std::string kDay = "2026-11-22";
inline const std::vector<AdRow> kTwoRows = {{1, "shoes", 1, 2}, {2, "hats", 3, 4}};

/// ad_id, search_word (key); clicks, impressions (measures); ctr (attribute).
[[nodiscard]] Schema ad_schema();
[[nodiscard]] RecordBatch ad_batch(const std::vector<AdRow>& rows);
[[nodiscard]] Partition day_partition(const std::string& label);
[[nodiscard]] Load load_of(const std::vector<AdRow>& rows);
[[nodiscard]] Receipt receipt(const std::string& split, std::int64_t generation,
                              const std::string& fingerprint = "f1");

using Overrides = std::map<std::string, std::string>;

/// Settings as the host hands them over: defaults filled in. The key is date, ad_id, search_word.
[[nodiscard]] Config sink_config(int port, const std::string& database,
                                 const Overrides& overrides = {});

/// Begins the attempt, writes the rows and finishes the writer.
Status stage_rows(Sink& sink, const Attempt& attempt, const std::vector<AdRow>& rows);
/// The same without a claim, to be compared.
Status rehearse_day(Sink& sink, const std::string& day, const std::vector<AdRow>& rows);

/// One whole attempt: claim, begin, write, finish, commit (abort after an error), and its outcome.
struct Attempted {
  std::vector<AdRow> rows;
  std::vector<Receipt> receipts = {receipt("clicks", 1), receipt("views", 1)};
  std::vector<RejectRow> rejects{};
  bool replace_foreign = false;
  bool adopt = false;
};
Status load_day(Sink& sink, const std::string& day, const Attempted& attempted);
/// The same up to the commit, which is left to the caller; the epoch.
Result<std::int64_t> stage_day(Sink& sink, const std::string& day, const Attempted& attempted);

/// Tests of one server and database that all share; each leaves the database empty. Without fsync,
/// for speed: the tests that kill a server have one of their own.
class SinkTest : public ::testing::Test {
 protected:
  SinkTest();
  ~SinkTest() override;

  [[nodiscard]] Result<std::unique_ptr<Sink>> make(const Overrides& overrides = {});
  /// Made and bound to the rows of ad_schema(); the test fails when that fails.
  [[nodiscard]] std::unique_ptr<Sink> bound(const Overrides& overrides = {},
                                            const std::string& pipeline = "ad_ctr");
  void exec(const std::string& sql) { server_.exec(sql, database_); }
  /// The rows of a query, columns joined by |, NULL as ~.
  [[nodiscard]] std::vector<std::string> ask(const std::string& sql);
  [[nodiscard]] std::string one(const std::string& sql) { return ask(sql).at(0); }
  void create_partitioned(const std::string& name = "ads");
  void create_plain(const std::string& name = "ads");
  /// Table ads, and in it for 2026-11-22: "plain" not partitioned; otherwise the rows of the day go
  /// to a partition of somebody else: "default", "month" or "day".
  void create_layout(const std::string& layout);
  /// Makes the role login_, which may do only what the script of the evidence schema grants.
  void create_login();
  /// Tables in daymill_stage.
  [[nodiscard]] std::string stages();

  [[nodiscard]] static PrivatePostgres& server();

  PrivatePostgres& server_;
  std::string database_;
  std::string login_;  ///< a name for a role of this test's own
  TestHost host_;
};

}  // namespace daymill::postgres
