// What people decided, also where the evidence schema is older than that.
#include <gtest/gtest.h>

#include "identifier.hpp"
#include "sink_fixture.hpp"

namespace daymill::postgres {
namespace {

class DecisionTest : public SinkTest {
 protected:
  DecisionTest() { create_plain(); }
  void grant() { exec("GRANT SELECT, INSERT, DELETE ON ads TO " + postgres::quote_name(login_)); }
  const Partition day_ = day_partition("2026-11-22");
  const std::vector<AdRow> rows_ = {{1, "shoes", 1, 2}, {2, "hats", 3, 4}};
  const OperatorDecision decision_ = {"replace", "eve@host-1", "counts were reset at noon",
                                      "receipt 4, source 3", ""};
};

TEST_F(DecisionTest, AreReadBackOldestFirst) {
  login_ = "Odd \"login's\" " + login_;
  create_login();
  grant();
  auto sink = bound({{"user", login_}}, "Pipe \"line\"'s");
  EXPECT_TRUE(sink->receipts(day_, false).value().decisions.empty());
  const OperatorDecision odd = {"adopt", "\xff@\"host'", "", "靴 {1,\"2\"}\\\n", "ignored"};
  ASSERT_EQ(sink->note_decision(day_, decision_).to_string(), "OK");
  ASSERT_EQ(sink->note_decision(day_, odd).to_string(), "OK");
  ASSERT_EQ(sink->note_decision(day_partition("2026-11-23"), decision_).to_string(), "OK");
  for (const bool settle : {false, true}) {
    const auto decisions = sink->receipts(day_, settle).value().decisions;
    ASSERT_EQ(decisions.size(), 2u);
    EXPECT_EQ(decisions[0].choice, "replace");
    EXPECT_EQ(decisions[0].decided_by, "eve@host-1");
    EXPECT_EQ(decisions[0].reason, "counts were reset at noon");
    EXPECT_EQ(decisions[0].detail, "receipt 4, source 3");
    EXPECT_EQ(decisions[0].decided_at.size(), std::string("2026-11-22T00:00:00.000000Z").size());
    EXPECT_EQ(decisions[1].choice, "adopt");
    EXPECT_EQ(decisions[1].decided_by, "\\xff@\\x22host'");
    EXPECT_EQ(decisions[1].reason, "");
    EXPECT_EQ(decisions[1].detail, "靴 {1,\"2\"}\\\n");
    EXPECT_LT(decisions[0].decided_at, decisions[1].decided_at);
  }
  EXPECT_TRUE(bound({}, "other")->receipts(day_, false).value().decisions.empty());
  EXPECT_EQ(one("SELECT DISTINCT target, pipeline FROM daymill.decision"),
            "public.ads|Pipe \"line\"'s");
}

TEST_F(DecisionTest, AreDurableWhateverTheLoginsSettingsAre) {
  create_login();
  grant();
  exec("ALTER ROLE " + login_ + " SET synchronous_commit = off");
  exec(
      "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN"
      " NEW.detail := current_setting(''synchronous_commit''); RETURN NEW; END';"
      " CREATE TRIGGER note BEFORE INSERT ON daymill.decision FOR EACH ROW EXECUTE FUNCTION"
      " note()");
  auto sink = bound({{"user", login_}});
  ASSERT_EQ(sink->note_decision(day_, decision_).to_string(), "OK");
  EXPECT_EQ(one("SELECT detail FROM daymill.decision"), "on");
}

TEST_F(DecisionTest, AnOlderEvidenceSchemaIsExtendedWhenTheLoginMay) {
  ASSERT_EQ(load_day(*bound(), "2026-11-22", {rows_}).to_string(), "OK");
  exec("DROP TABLE daymill.decision");
  const std::string before = one("SELECT oid, xmin FROM pg_class WHERE relname = 'receipt'");
  auto sink = bound();
  ASSERT_EQ(sink->note_decision(day_, decision_).to_string(), "OK");
  const Evidence evidence = sink->receipts(day_, false).value();
  EXPECT_EQ(evidence.decisions.size(), 1u);
  EXPECT_EQ(evidence.receipts.size(), 2u);
  EXPECT_EQ(one("SELECT oid, xmin FROM pg_class WHERE relname = 'receipt'"), before);
}

TEST_F(DecisionTest, AnOlderEvidenceSchemaWillDoForRuns) {
  create_login();
  grant();
  exec("DROP TABLE daymill.decision");
  auto sink = bound({{"user", login_}});
  ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
  EXPECT_EQ(sink->receipts(day_, true).value().receipts.size(), 2u);
  EXPECT_EQ(sink->history().value().size(), 1u);

  const Status refused = sink->note_decision(day_, decision_);
  EXPECT_EQ(refused.code(), Code::permission_denied) << refused.to_string();
  EXPECT_NE(refused.message().find("lacks table daymill.decision"), std::string::npos)
      << refused.message();
  std::string findings;
  const auto checked = make({{"user", login_}}).value()->check();
  for (const std::string& line : checked.value()) {
    findings += line + "\n";
  }
  EXPECT_NE(findings.find("warning: what people decide about a day cannot be kept"),
            std::string::npos)
      << findings;

  exec(refused.next().substr(refused.next().find('\n')));  // the owner does what it says
  ASSERT_EQ(sink->note_decision(day_, decision_).to_string(), "OK");
  EXPECT_EQ(sink->receipts(day_, false).value().decisions.size(), 1u);
  EXPECT_EQ(sink->history().value().at(0).evidence.decisions.size(), 1u);
}

TEST_F(DecisionTest, WithoutTheRightsTheyAreNeitherReadNorInTheWay) {
  create_login();
  grant();
  for (const std::string right : {"INSERT", "SELECT"}) {
    exec("REVOKE " + right + " ON daymill.decision FROM " + login_);
    auto sink = bound({{"user", login_}});
    ASSERT_EQ(load_day(*sink, "2026-11-22", {rows_}).to_string(), "OK");
    EXPECT_EQ(sink->history().value().size(), 1u);
    const Status refused = sink->note_decision(day_, decision_);
    EXPECT_EQ(refused.code(), Code::permission_denied);
    EXPECT_NE(refused.message().find("no right " + right + " on daymill.decision"),
              std::string::npos)
        << refused.message();
  }
}

}  // namespace
}  // namespace daymill::postgres
