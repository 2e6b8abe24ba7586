#include "observe/run_report.hpp"

#include <algorithm>
#include <cstdio>

#include "daymill/value.hpp"

namespace daymill {

namespace {

nlohmann::ordered_json sums_json(const std::vector<Sum>& sums) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Sum& sum : sums) {
    json[sum.measure] = sum.value;
  }
  return json;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

std::string sums_text(const std::vector<Sum>& sums) {
  std::string text;
  for (const Sum& sum : sums) {
    text += (text.empty() ? "" : ", ") + sum.measure + " " + grouped(sum.value);
  }
  return text;
}

}  // namespace

const char* run_state_name(RunState state) {
  switch (state) {
    case RunState::pending:
      return "PENDING";
    case RunState::reading:
      return "READING";
    case RunState::snapshotted:
      return "SNAPSHOTTED";
    case RunState::loading:
      return "LOADING";
    case RunState::committed:
      return "COMMITTED";
    case RunState::removing:
      return "REMOVING";
    case RunState::done:
      return "DONE";
    case RunState::empty:
      return "EMPTY";
    case RunState::retry_wait:
      return "RETRY_WAIT";
    case RunState::fenced:
      return "FENCED";
    case RunState::too_many_rejects:
      return "TOO_MANY_REJECTS";
    case RunState::needs_decision:
      return "NEEDS_DECISION";
    case RunState::data_loss_suspected:
      return "DATA_LOSS_SUSPECTED";
    case RunState::failed:
      return "FAILED";
    case RunState::cancelled:
      return "CANCELLED";
  }
  return "";
}

int RunReport::exit_code() const {
  if (state == RunState::done || state == RunState::empty) {
    return 0;
  }
  return failure.ok() ? 1 : daymill::exit_code(failure.code());
}

RunReport redacted(RunReport report, const Log& log) {
  report.failure = log.redact(report.failure);
  report.target = log.redact(report.target);
  for (std::string& warning : report.warnings) {
    warning = log.redact(warning);
  }
  for (OperatorDecision& decision : report.decisions) {
    decision.reason = log.redact(decision.reason);
    decision.detail = log.redact(decision.detail);
  }
  for (SplitReport& split : report.splits) {
    split.split = log.redact(split.split);
    split.location = log.redact(split.location);
    split.outcome = log.redact(split.outcome);
    split.snapshot = log.redact(split.snapshot);
  }
  return report;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

nlohmann::ordered_json to_json(const Status& status) {
  if (status.ok()) {
    return nullptr;
  }
  nlohmann::ordered_json json = {{"code", code_name(status.code())}, {"message", status.message()}};
  if (!status.where().empty()) {
    json["where"] = status.where();
  }
  if (!status.next().empty()) {
    json["next"] = status.next();
  }
  return json;
}

nlohmann::ordered_json to_json(const RunReport& report) {
  nlohmann::ordered_json json = {
      {"run_id", report.run_id},
      {"kind", report.kind},
      {"pipeline", report.pipeline},
      {"partition", report.partition},
      {"state", run_state_name(report.state)},
      {"error", to_json(report.failure)},
      {"started_at", report.started_at},
      {"finished_at", report.finished_at},
      {"epoch", report.epoch},
      {"wrote_nothing", report.wrote_nothing},
      {"target", report.target},
      {"rows",
       {{"read", report.rows_read},
        {"merged", report.rows_merged},
        {"filtered", report.rows_filtered},
        {"rejected", report.rejected},
        {"out", report.rows_out}}},
      {"reject_reasons", report.reject_reasons},
      {"sums",
       {{"read", sums_json(report.sums_read)},
        {"rejected", sums_json(report.sums_rejected)},
        {"out", sums_json(report.sums_out)}}},
      {"phases", nlohmann::ordered_json::array()},
      {"splits", nlohmann::ordered_json::array()},
      {"warnings", report.warnings},
  };
  if (report.difference.has_value()) {
    json["difference"] = to_json(*report.difference);
    json["applied"] = !report.rehearsed;
  }
  for (const OperatorDecision& decision : report.decisions) {
    json["decisions"].push_back({{"choice", decision.choice},
                                 {"decided_by", decision.decided_by},
                                 {"reason", decision.reason},
                                 {"detail", decision.detail}});
  }
  for (const PhaseReport& phase : report.phases) {
    json["phases"].push_back(
        {{"phase", phase.phase},
         {"rows", phase.rows},
         {"seconds", phase.seconds},
         {"rows_per_second",
          phase.seconds > 0 ? static_cast<double>(phase.rows) / phase.seconds : 0.0}});
  }
  for (const SplitReport& split : report.splits) {
    json["splits"].push_back({{"split", split.split},
                              {"location", split.location},
                              {"generation", split.generation},
                              {"rows", split.rows},
                              {"fingerprint", split.fingerprint},
                              {"snapshot", split.snapshot},
                              {"outcome", split.outcome}});
  }
  return json;
}

namespace {

/// Of more splits than this of which all the same is to be said, only their number is.
constexpr std::size_t kFewSplits = 4;

std::string text_of(const SplitReport& split) {
  std::string text = "  split     " + split.split + ": " + split.outcome;
  if (!split.fingerprint.empty()) {
    text += ", generation " + std::to_string(split.generation) + ", " + grouped(split.rows) +
            " rows, fingerprint " + split.fingerprint;
  }
  return text + "\n";
}

/// A day may lie in a thousand of them.
std::string splits_text(const std::vector<SplitReport>& splits) {
  std::vector<std::vector<const SplitReport*>> alike;
  for (const SplitReport& split : splits) {
    const auto same = std::find_if(alike.begin(), alike.end(), [&](const auto& others) {
      return others.front()->outcome == split.outcome &&
             others.front()->generation == split.generation;
    });
    (same == alike.end() ? alike.emplace_back() : *same).push_back(&split);
  }
  std::string text;
  for (const auto& group : alike) {
    if (group.size() <= kFewSplits) {
      for (const SplitReport* split : group) {
        text += text_of(*split);
      }
      continue;
    }
    const SplitReport& first = *group.front();
    std::int64_t rows = 0;
    for (const SplitReport* split : group) {
      rows += split->rows;
    }
    text += "  splits    " + grouped(static_cast<std::int64_t>(group.size())) + " from " +
            first.split + " to " + group.back()->split + ": " + first.outcome;
    text += first.fingerprint.empty() ? "\n"
                                      : ", generation " + std::to_string(first.generation) + ", " +
                                            grouped(rows) + " rows; each with --output json\n";
  }
  return text;
}

}  // namespace

std::string to_text(const RunReport& report) {
  std::string text = report.pipeline + " " + report.partition + "  " + run_state_name(report.state);
  double seconds = 0;
  for (const PhaseReport& phase : report.phases) {
    seconds += phase.seconds;
  }
  if (report.rehearsed && report.state == RunState::done) {
    text += "  compared only, nothing was changed; --apply goes on";
  } else if (report.wrote_nothing &&
             (report.state == RunState::done || report.state == RunState::empty)) {
    text += report.state == RunState::done ? "  nothing to do: already loaded"
                                           : "  nothing to do: the source holds nothing";
  } else {
    text += "  " + grouped(report.rows_out) + " rows in " + seconds_text(seconds);
  }
  text += "  (run " + report.run_id + ")\n";
  if (report.epoch != 0 || report.rehearsed) {
    text += "  rows      read " + grouped(report.rows_read) + " = out " + grouped(report.rows_out) +
            " + merged " + grouped(report.rows_merged) + " + filtered " +
            grouped(report.rows_filtered) + " + rejected " + grouped(report.rejected) + "\n";
    text += "  sums      read " + sums_text(report.sums_read) +
            (report.rehearsed ? "; it would be " : "; in the target ") + sums_text(report.sums_out);
    text += report.rejected == 0 ? "\n" : "; rejected " + sums_text(report.sums_rejected) + "\n";
  }
  for (const auto& [reason, count] : report.reject_reasons) {
    text += "  rejected  " + grouped(count) + " × " + reason + "\n";
  }
  for (const PhaseReport& phase : report.phases) {
    const auto rate = static_cast<std::int64_t>(
        phase.seconds > 0 ? static_cast<double>(phase.rows) / phase.seconds : 0);
    text += "  " + phase.phase +
            std::string(phase.phase.size() < 10 ? 10 - phase.phase.size() : 1, ' ') +
            seconds_text(phase.seconds);
    text += phase.rows > 0 ? ", " + grouped(phase.rows) + " rows, " + grouped(rate) + " rows/s\n"
                           : "\n";
  }
  text += splits_text(report.splits);
  if (report.epoch != 0) {
    text += "  receipt   epoch " + std::to_string(report.epoch) + " in " + report.target + "\n";
  }
  if (report.difference.has_value()) {
    text += to_text(*report.difference);
  }
  for (const OperatorDecision& decision : report.decisions) {
    text += "  decided   " + decision.choice + " by " + decision.decided_by + " (" +
            printable(decision.reason, 200) + "): " + decision.detail + "\n";
  }
  for (const std::string& warning : report.warnings) {
    text += "  warning   " + warning + "\n";
  }
  return text;
}

}  // namespace daymill
