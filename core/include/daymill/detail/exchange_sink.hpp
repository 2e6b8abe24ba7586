// Conversions of what sinks give and take: loads, receipts, evidence, attempts and reject rows.
// Part of <daymill/plugin.hpp>: include that; the rules are in exchange.hpp.
#pragma once

namespace daymill::detail {

// ---- Loads

inline std::vector<daymill_sum> to_c(const std::vector<Sum>& sums) {
  std::vector<daymill_sum> views;
  views.reserve(sums.size());
  for (const Sum& sum : sums) {
    views.push_back({to_c(sum.measure), sum.value});
  }
  return views;
}

inline std::vector<Sum> from_c(std::size_t count, const daymill_sum* sums) {
  std::vector<Sum> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(Sum{from_c(sums[i].measure), sums[i].value});
  }
  return result;
}

/// `load` as a daymill_load; a view.
class LoadView {
 public:
  explicit LoadView(const Load& load) : sums_(to_c(load.sums)) {
    view_.epoch = load.epoch;
    view_.pipeline = to_c(load.pipeline);
    view_.run_id = to_c(load.run_id);
    view_.rows_out = load.rows_out;
    view_.rejected = load.rejected;
    view_.filtered = load.filtered;
    view_.n_sums = sums_.size();
    view_.sums = sums_.data();
    view_.config_digest = to_c(load.config_digest);
    view_.plugins = to_c(load.plugins);
    view_.committed_at = to_c(load.committed_at);
  }
  LoadView(const LoadView&) = delete;
  LoadView& operator=(const LoadView&) = delete;
  [[nodiscard]] const daymill_load* get() const { return &view_; }

 private:
  std::vector<daymill_sum> sums_;
  daymill_load view_ = empty_struct<daymill_load>();
};

inline Load from_c(const daymill_load* load) {
  const daymill_load known = known_part(load);
  Load result;
  result.epoch = known.epoch;
  result.pipeline = from_c(known.pipeline);
  result.run_id = from_c(known.run_id);
  result.rows_out = known.rows_out;
  result.rejected = known.rejected;
  result.filtered = known.filtered;
  result.sums = from_c(known.n_sums, known.sums);
  result.config_digest = from_c(known.config_digest);
  result.plugins = from_c(known.plugins);
  result.committed_at = from_c(known.committed_at);
  return result;
}

// ---- Receipts

inline daymill_receipt to_c(const Receipt& receipt) {
  auto view = empty_struct<daymill_receipt>();
  view.split = to_c(receipt.split);
  view.generation = receipt.generation;
  view.epoch = receipt.epoch;
  view.fingerprint = to_c(receipt.fingerprint);
  view.rows_in = receipt.rows_in;
  view.snapshot = to_c(receipt.snapshot);
  view.removed = receipt.removed ? 1 : 0;
  view.removed_at = to_c(receipt.removed_at);
  return view;
}

/// Views of each receipt.
inline std::vector<daymill_receipt> to_c(const std::vector<Receipt>& receipts) {
  std::vector<daymill_receipt> views;
  views.reserve(receipts.size());
  for (const Receipt& receipt : receipts) {
    views.push_back(to_c(receipt));
  }
  return views;
}

inline std::vector<Receipt> from_c(std::size_t count, const daymill_receipt* first) {
  std::vector<Receipt> receipts;
  receipts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const daymill_receipt known = known_element(first, i);
    receipts.push_back(Receipt{from_c(known.split), known.generation, known.epoch,
                               from_c(known.fingerprint), known.rows_in, from_c(known.snapshot),
                               known.removed != 0, from_c(known.removed_at)});
  }
  return receipts;
}

// ---- Decisions of operators

inline daymill_decision to_c(const OperatorDecision& decision) {
  auto view = empty_struct<daymill_decision>();
  view.choice = to_c(decision.choice);
  view.decided_by = to_c(decision.decided_by);
  view.reason = to_c(decision.reason);
  view.detail = to_c(decision.detail);
  view.decided_at = to_c(decision.decided_at);
  return view;
}

inline OperatorDecision from_c(const daymill_decision* decision) {
  const daymill_decision known = known_part(decision);
  return OperatorDecision{from_c(known.choice), from_c(known.decided_by), from_c(known.reason),
                          from_c(known.detail), from_c(known.decided_at)};
}

// ---- Evidence

/// `evidence` as a daymill_evidence; a view.
class EvidenceView {
 public:
  explicit EvidenceView(const Evidence& evidence) : receipts_(to_c(evidence.receipts)) {
    if (evidence.load) {
      load_.emplace(*evidence.load);
    }
    for (const OperatorDecision& decision : evidence.decisions) {
      decisions_.push_back(to_c(decision));
    }
    view_.epoch = evidence.epoch;
    view_.load = load_ ? load_->get() : nullptr;
    view_.n_receipts = receipts_.size();
    view_.receipts = receipts_.data();
    view_.difference = to_c(evidence.difference);
    view_.n_decisions = decisions_.size();
    view_.decisions = decisions_.data();
  }
  EvidenceView(const EvidenceView&) = delete;
  EvidenceView& operator=(const EvidenceView&) = delete;
  [[nodiscard]] const daymill_evidence* get() const { return &view_; }

 private:
  std::optional<LoadView> load_;
  std::vector<daymill_receipt> receipts_;
  std::vector<daymill_decision> decisions_;
  daymill_evidence view_ = empty_struct<daymill_evidence>();
};

inline void own(Evidence evidence, daymill_evidence* out) {
  struct Content {
    explicit Content(Evidence given) : evidence(std::move(given)), view(evidence) {}
    Evidence evidence;
    EvidenceView view;
  };
  auto content = std::make_unique<Content>(std::move(evidence));
  *out = *content->view.get();
  give(std::move(content), out);
}

inline Evidence from_c(const daymill_evidence* evidence) {
  const daymill_evidence known = known_part(evidence);
  Evidence result;
  result.epoch = known.epoch;
  if (known.load != nullptr) {
    result.load = from_c(known.load);
  }
  result.receipts = from_c(known.n_receipts, known.receipts);
  result.difference = from_c(known.difference);
  for (std::size_t i = 0; i < known.n_decisions; ++i) {
    const daymill_decision decision = known_element(known.decisions, i);
    result.decisions.push_back(from_c(&decision));
  }
  return result;
}

// ---- History

inline void own(std::vector<PartitionEvidence> history, daymill_history* out) {
  struct Content {
    std::vector<PartitionEvidence> history;
    std::deque<EvidenceView> evidence;
    std::vector<daymill_partition_evidence> views;
  };
  auto content = std::make_unique<Content>();
  content->history = std::move(history);
  for (const PartitionEvidence& entry : content->history) {
    auto view = empty_struct<daymill_partition_evidence>();
    view.partition = to_c(entry.partition);
    view.evidence = content->evidence.emplace_back(entry.evidence).get();
    content->views.push_back(view);
  }
  *out = empty_struct<daymill_history>();
  out->n_partitions = content->views.size();
  out->partitions = content->views.data();
  give(std::move(content), out);
}

inline std::vector<PartitionEvidence> from_c(const daymill_history* history) {
  const daymill_history known = known_part(history);
  std::vector<PartitionEvidence> result;
  for (std::size_t i = 0; i < known.n_partitions; ++i) {
    const daymill_partition_evidence entry = known_element(known.partitions, i);
    result.push_back(PartitionEvidence{from_c(entry.partition), from_c(entry.evidence)});
  }
  return result;
}

// ---- Differences

inline void own(Difference difference, daymill_difference* out) {
  struct Content {
    Difference difference;
    std::vector<daymill_sum> before;
    std::vector<daymill_sum> after;
    std::vector<daymill_row_change> examples;
  };
  auto content = std::make_unique<Content>();
  content->difference = std::move(difference);
  const Difference& given = content->difference;
  content->before = to_c(given.before);
  content->after = to_c(given.after);
  for (const RowChange& change : given.examples) {
    auto view = empty_struct<daymill_row_change>();
    view.kind = static_cast<std::int32_t>(change.kind);
    view.key = to_c(change.key);
    view.before = to_c(change.before);
    view.after = to_c(change.after);
    content->examples.push_back(view);
  }
  *out = empty_struct<daymill_difference>();
  out->rows_before = given.rows_before;
  out->rows_after = given.rows_after;
  out->added = given.added;
  out->changed = given.changed;
  out->removed = given.removed;
  out->n_before = content->before.size();
  out->before = content->before.data();
  out->n_after = content->after.size();
  out->after = content->after.data();
  out->n_examples = content->examples.size();
  out->examples = content->examples.data();
  give(std::move(content), out);
}

inline Difference from_c(const daymill_difference* difference) {
  const daymill_difference known = known_part(difference);
  Difference result;
  result.rows_before = known.rows_before;
  result.rows_after = known.rows_after;
  result.added = known.added;
  result.changed = known.changed;
  result.removed = known.removed;
  result.before = from_c(known.n_before, known.before);
  result.after = from_c(known.n_after, known.after);
  for (std::size_t i = 0; i < known.n_examples; ++i) {
    const daymill_row_change change = known_element(known.examples, i);
    result.examples.push_back(RowChange{static_cast<RowChangeKind>(change.kind), from_c(change.key),
                                        from_c(change.before), from_c(change.after)});
  }
  return result;
}

// ---- Attempts

/// `attempt` as a daymill_attempt; a view.
class AttemptView {
 public:
  explicit AttemptView(const Attempt& attempt) : partition_(to_c(attempt.partition)) {
    view_.partition = &partition_;
    view_.epoch = attempt.epoch;
    view_.run_id = to_c(attempt.run_id);
    view_.flags = (attempt.replace_foreign ? std::uint32_t{DAYMILL_ATTEMPT_REPLACE_FOREIGN} : 0u) |
                  (attempt.adopt ? std::uint32_t{DAYMILL_ATTEMPT_ADOPT} : 0u);
  }
  AttemptView(const AttemptView&) = delete;
  AttemptView& operator=(const AttemptView&) = delete;
  [[nodiscard]] const daymill_attempt* get() const { return &view_; }

 private:
  daymill_partition partition_;
  daymill_attempt view_ = empty_struct<daymill_attempt>();
};

inline Attempt from_c(const daymill_attempt* attempt) {
  const daymill_attempt known = known_part(attempt);
  return Attempt{from_c(known.partition), known.epoch, from_c(known.run_id),
                 (known.flags & DAYMILL_ATTEMPT_REPLACE_FOREIGN) != 0,
                 (known.flags & DAYMILL_ATTEMPT_ADOPT) != 0};
}

// ---- Reject rows

/// Views of each row.
inline std::vector<daymill_reject_row> to_c(const std::vector<RejectRow>& rows) {
  std::vector<daymill_reject_row> views;
  views.reserve(rows.size());
  for (const RejectRow& row : rows) {
    auto view = empty_struct<daymill_reject_row>();
    view.split = to_c(row.split);
    view.generation = row.generation;
    view.raw = to_c(row.raw);
    view.reason = to_c(row.reason);
    view.message = to_c(row.message);
    views.push_back(view);
  }
  return views;
}

inline std::vector<RejectRow> from_c(std::size_t count, const daymill_reject_row* first) {
  std::vector<RejectRow> rows;
  rows.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const daymill_reject_row known = known_element(first, i);
    rows.push_back(RejectRow{from_c(known.split), known.generation, from_c(known.raw),
                             from_c(known.reason), from_c(known.message)});
  }
  return rows;
}

inline void own(std::vector<RejectRow> rows, daymill_reject_list* out) {
  struct Content {
    std::vector<RejectRow> rows;
    std::vector<daymill_reject_row> views;
  };
  auto content = std::make_unique<Content>();
  content->rows = std::move(rows);
  content->views = to_c(content->rows);
  *out = empty_struct<daymill_reject_list>();
  out->n_rows = content->views.size();
  out->rows = content->views.data();
  give(std::move(content), out);
}

inline std::vector<RejectRow> from_c(const daymill_reject_list* list) {
  const daymill_reject_list known = known_part(list);
  return from_c(known.n_rows, known.rows);
}

}  // namespace daymill::detail
