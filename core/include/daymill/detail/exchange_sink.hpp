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
  for (std::size_t i = 0; i < known.n_sums; ++i) {
    result.sums.push_back(Sum{from_c(known.sums[i].measure), known.sums[i].value});
  }
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
                               known.removed != 0});
  }
  return receipts;
}

// ---- Evidence

inline void own(Evidence evidence, daymill_evidence* out) {
  struct Content {
    Evidence evidence;
    std::optional<LoadView> load;
    std::vector<daymill_receipt> receipts;
  };
  auto content = std::make_unique<Content>();
  content->evidence = std::move(evidence);
  if (content->evidence.load) {
    content->load.emplace(*content->evidence.load);
  }
  content->receipts = to_c(content->evidence.receipts);
  *out = empty_struct<daymill_evidence>();
  out->epoch = content->evidence.epoch;
  out->load = content->load ? content->load->get() : nullptr;
  out->n_receipts = content->receipts.size();
  out->receipts = content->receipts.data();
  out->difference = to_c(content->evidence.difference);
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
    view_.flags = attempt.replace_foreign ? std::uint32_t{DAYMILL_ATTEMPT_REPLACE_FOREIGN} : 0u;
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
                 (known.flags & DAYMILL_ATTEMPT_REPLACE_FOREIGN) != 0};
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

}  // namespace daymill::detail
