#include "memory_sink.hpp"

namespace daymill {
namespace {

class MemoryWriter final : public Writer {
 public:
  MemoryWriter(MemoryDatabase& database, std::map<std::string, MemoryDatabase::Counts>& rows)
      : database_(database), rows_(rows) {}
  Status write(RecordBatch batch) override {
    DAYMILL_TRY(database_.on_write());
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      const auto number = [&](std::size_t column) {
        return batch.column(column).is_null(row) ? 0 : batch.column(column).int64s()[row];
      };
      const auto [at, is_new] = rows_.emplace(batch.column(0).bytes_at(row),
                                              MemoryDatabase::Counts(number(1), number(2)));
      if (!is_new && database_.has_unique_key)
        return Status(Code::internal, "key " + at->first + " came twice");
    }
    return {};
  }
  Status finish() override { return {}; }

 private:
  MemoryDatabase& database_;
  std::map<std::string, MemoryDatabase::Counts>& rows_;
};

}  // namespace

Status MemorySink::bind(const Schema& /*rows*/, const std::string& /*pipeline*/) {
  return {};
}

Result<Evidence> MemorySink::receipts(const Partition& /*partition*/, bool /*settle*/) {
  return database_.evidence;
}

Result<std::int64_t> MemorySink::claim(const Partition& /*partition*/) {
  database_.on_claim();
  ++database_.writes;
  return ++database_.evidence.epoch;
}

Status MemorySink::begin(const Attempt& attempt) {
  attempt_ = attempt;
  staged_.clear();
  rejects_.clear();
  return {};
}

Result<std::unique_ptr<Writer>> MemorySink::open() {
  return std::unique_ptr<Writer>(std::make_unique<MemoryWriter>(database_, staged_));
}

Status MemorySink::reject(const std::vector<RejectRow>& rows) {
  rejects_ = rows;
  return {};
}

Status MemorySink::commit(const Load& load, const std::vector<Receipt>& receipts) {
  const Status answer = database_.on_commit();
  if (!answer.ok() && !database_.commits_anyway)
    return answer;
  if (attempt_.epoch != database_.evidence.epoch)
    return Status(Code::fenced, "another attempt took over");
  if (database_.evidence.load && database_.evidence.load->epoch >= load.epoch)
    return Status(Code::internal, "an epoch is for one load");
  ++database_.writes;
  ++database_.commits;
  if (!attempt_.adopt)
    database_.rows = staged_;
  database_.rejects = rejects_;
  database_.evidence.load = load;
  database_.evidence.receipts = receipts;
  database_.evidence.difference.clear();
  return answer;
}

Result<Difference> MemorySink::difference(std::int64_t max_examples) {
  Difference difference;
  const auto sums = [](const std::map<std::string, MemoryDatabase::Counts>& rows) {
    std::vector<Sum> result = {{"clicks", 0}, {"views", 0}};
    for (const auto& [word, counts] : rows) {
      result[0].value += counts.first;
      result[1].value += counts.second;
    }
    return result;
  };
  difference.rows_before = static_cast<std::int64_t>(database_.rows.size());
  difference.rows_after = static_cast<std::int64_t>(staged_.size());
  difference.before = sums(database_.rows);
  difference.after = sums(staged_);
  for (const auto& [word, counts] : staged_) {
    const auto old = database_.rows.find(word);
    difference.added += old == database_.rows.end() ? 1 : 0;
    difference.changed += old != database_.rows.end() && old->second != counts ? 1 : 0;
    if (old == database_.rows.end() &&
        difference.examples.size() < static_cast<std::size_t>(max_examples))
      difference.examples.push_back({RowChangeKind::added, word, "", "new"});
  }
  for (const auto& [word, counts] : database_.rows)
    difference.removed += staged_.count(word) == 0 ? 1 : 0;
  return difference;
}

Result<std::vector<PartitionEvidence>> MemorySink::history() {
  if (database_.evidence.epoch == 0 && !database_.evidence.load)
    return std::vector<PartitionEvidence>{};
  return std::vector<PartitionEvidence>{{"2024-11-22", database_.evidence}};
}

Status MemorySink::note_decision(const Partition& /*partition*/, const OperatorDecision& decision) {
  ++database_.writes;
  database_.evidence.decisions.push_back(decision);
  return {};
}

void MemorySink::abort() noexcept {
  staged_.clear();
}

Status MemorySink::mark_removed(const Partition& /*partition*/, const std::string& split,
                                std::int64_t generation) {
  DAYMILL_TRY(database_.on_mark_removed());
  ++database_.writes;
  for (Receipt& receipt : database_.evidence.receipts)
    if (receipt.split == split && receipt.generation == generation)
      receipt.removed = true;
  return {};
}

}  // namespace daymill
