#include "commit.hpp"

#include <algorithm>

#include "commit_rows.hpp"
#include "daymill/failpoint.hpp"
#include "daymill/value.hpp"
#include "evidence.hpp"
#include "replace_day.hpp"

namespace daymill::postgres {
namespace {

// Rows read are rows staged, measure by measure: asked of the database, not of our own counting.
Status check_conservation(Connection& connection, const Commit& commit) {
  if (commit.attempt.adopt) {
    return {};  // not the staged rows stay but those of the day, which adopt_day.hpp checks
  }
  DAYMILL_ASSIGN(const Totals totals,
                 read_totals(connection, commit.binding, commit.stage.sql(), std::nullopt));
  const std::string difference = totals.difference_to(commit.load, commit.binding);
  if (!difference.empty()) {
    return Status(Code::internal, "the staged rows are not those of the load: " + difference)
        .at(connection.place());
  }
  return {};
}

Status limit_transaction(Connection& connection) {
  return connection
      .exec(std::string("SELECT ") + kCommitDurably +
                ", set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),"
                " set_config('idle_in_transaction_session_timeout', '60s', true)",
            {connection.settings().lock_timeout.count(),
             connection.settings().statement_timeout.count()})
      .status();
}

Status lock_fence(Connection& connection, const Commit& commit) {
  const std::string& partition = commit.attempt.partition.label;
  DAYMILL_ASSIGN(const Rows rows,
                 connection.exec("SELECT epoch, pipeline FROM daymill.fence"
                                 " WHERE target = $1 AND partition = $2 FOR UPDATE",
                                 {commit.binding.table.target(), partition}));
  if (rows.empty() || rows.integer(0, 0) != commit.attempt.epoch) {
    return Status(Code::fenced, "partition " + partition + " was claimed with epoch " +
                                    (rows.empty() ? "none" : rows.text(0, 0)) + " by pipeline " +
                                    (rows.empty() ? "none" : printable(rows.text(0, 1))) +
                                    ", expected this attempt's epoch " +
                                    std::to_string(commit.attempt.epoch))
        .at(connection.place());
  }
  return {};
}

std::string describe(const std::vector<Receipt>& receipts) {
  std::string text;
  for (const Receipt& receipt : receipts) {
    text += (text.empty() ? "" : ", ") + printable(receipt.split) + " generation " +
            std::to_string(receipt.generation);
  }
  return text.empty() ? "none" : text;
}

// A day must not be replaced by some of its parts.
Status check_receipts(Connection& connection, const Commit& commit) {
  DAYMILL_ASSIGN(const std::vector<Receipt> committed,
                 read_receipts(connection, commit.binding, commit.attempt.partition.label));
  const bool complete = std::all_of(committed.begin(), committed.end(), [&](const Receipt& old) {
    return std::any_of(commit.receipts.begin(), commit.receipts.end(), [&](const Receipt& given) {
      return given.split == old.split && given.generation == old.generation;
    });
  });
  if (!complete) {
    return Status(Code::needs_decision, "the load would replace the day by a part of it: found " +
                                            describe(commit.receipts) + "; already committed " +
                                            describe(committed))
        .at(connection.place());
  }
  return {};
}

}  // namespace

Status commit_stage(Connection& connection, const Commit& commit) {
  if (!commit.stage.finished) {
    return Status(Code::internal, "commit was called before the writer had finished");
  }
  DAYMILL_ASSIGN(Transaction transaction, Transaction::begin(connection));
  DAYMILL_FAILPOINT("pg.lock_row");
  DAYMILL_TRY(limit_transaction(connection));
  DAYMILL_TRY(lock_fence(connection, commit));
  DAYMILL_FAILPOINT("pg.epoch_checked");
  // From here on in statements of their own: the locking one may have waited and seen old rows.
  DAYMILL_ASSIGN(const auto previous,
                 read_load(connection, commit.binding, commit.attempt.partition.label));
  DAYMILL_TRY(check_receipts(connection, commit));
  DAYMILL_FAILPOINT("pg.reconcile_sql");
  DAYMILL_TRY(check_conservation(connection, commit));
  DAYMILL_FAILPOINT("pg.day_plan");
  DAYMILL_ASSIGN(const DayPlan plan, plan_day(connection, commit, previous));
  DAYMILL_FAILPOINT("pg.evidence_write");
  DAYMILL_TRY(write_evidence(connection, commit, plan.relation));
  // Last, because readers of the target wait from here to the end.
  DAYMILL_FAILPOINT("pg.replace_day");
  DAYMILL_TRY(replace_day(connection, commit, plan));
  DAYMILL_FAILPOINT("pg.commit_sent");
  DAYMILL_TRY(transaction.commit(Code::commit_unknown));
  DAYMILL_FAILPOINT_CODE("pg.commit_reply", Code::commit_unknown);
  return {};
}

}  // namespace daymill::postgres
