#include "memory_source.hpp"

#include <algorithm>

namespace daymill {
namespace {

/// A word's place is the number that its first eight bytes are.
std::uint64_t place_of(const std::string& word) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number = number << 8 | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0u);
  return number;
}

class MemoryReader final : public Reader {
 public:
  MemoryReader(MemoryStore& store, std::string split) : store_(store), split_(std::move(split)) {
    const MemoryStore::Split& held = store_.splits.at(split_);
    version_ = held.version;
    if (!held.counts.empty())
      begin_ = place_of(held.counts.begin()->first);
  }
  Result<ReadState> read(BatchBuilder& out) override {
    if (next_ == 0) {
      const auto& counts = store_.splits.at(split_).counts;
      rows_.assign(counts.begin(), counts.end());
      if (split_ == store_.backwards)
        std::reverse(rows_.begin(), rows_.end());
      if (holds("views"))
        rows_.insert(rows_.end(), store_.repeated.begin(), store_.repeated.end());
    }
    const std::size_t end =
        store_.page_rows == 0 ? rows_.size() : std::min(rows_.size(), next_ + store_.page_rows);
    for (; next_ < end; ++next_) {
      const auto& [word, count] = rows_[next_];
      out.column(0).append_bytes(word);
      holds("clicks") ? out.column(1).append_int64(count) : out.column(1).append_null();
      holds("views") ? out.column(2).append_int64(count) : out.column(2).append_null();
      out.end_row();
    }
    store_.on_read(split_);
    return next_ == rows_.size() ? ReadState::end : ReadState::more;
  }
  Result<ReadPosition> position() override {
    if (next_ == 0)
      return ReadPosition{begin_, begin_};
    const std::size_t last = split_ == store_.backwards ? rows_.size() - next_ : next_ - 1;
    const std::uint64_t reached = place_of(rows_[last].first) + 1;
    if (next_ == rows_.size())
      return ReadPosition{ReadPosition::kEnd, reached};
    return ReadPosition{place_of(rows_[std::min(last + 1, rows_.size() - 1)].first), reached};
  }
  Result<Scan> confirm(std::int64_t distinct_rows) override {
    const auto& split = store_.splits.at(split_);
    return split.version == version_ &&
                   split.counts.size() == static_cast<std::size_t>(distinct_rows)
               ? Scan::stable
               : Scan::changed;
  }
  [[nodiscard]] std::int64_t version() const { return version_; }

 private:
  [[nodiscard]] bool holds(const std::string& measure) const {
    return split_.compare(0, measure.size(), measure) == 0;
  }

  MemoryStore& store_;
  std::string split_;
  std::int64_t version_ = 0;
  std::uint64_t begin_ = 0;
  std::vector<std::pair<std::string, std::int64_t>> rows_;
  std::size_t next_ = 0;
};

}  // namespace

void MemoryStore::count(const std::string& split, const std::string& word, std::int64_t by) {
  splits[split].counts[word] += by;
  ++splits[split].version;
}

Result<Schema> MemorySource::schema() {
  return Schema{{{"word", Type::text, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true},
                 {"views", Type::int64, Role::measure, true}}};
}

Result<std::vector<Split>> MemorySource::plan(const Partition& /*partition*/) {
  DAYMILL_TRY(store_.on_plan());
  std::vector<Split> planned;
  for (const auto& [name, split] : store_.splits) {
    Split one;
    one.id = name;
    one.location = "memory " + name;
    one.present = !split.counts.empty();
    one.removals = split.removals;
    one.removed_fingerprint = split.removed_fingerprint;
    one.record_problem = split.record_problem;
    planned.push_back(std::move(one));
  }
  return planned;
}

Result<std::unique_ptr<Reader>> MemorySource::open(const Partition& /*partition*/,
                                                   const Split& split) {
  return std::unique_ptr<Reader>(std::make_unique<MemoryReader>(store_, split.id));
}

Result<Removal> MemorySource::remove(const Partition& /*partition*/, const Split& planned,
                                     const RemovalProof& proof) {
  auto& split = store_.splits[planned.id];
  if (proof.kind == RemovalKind::record_only) {
    if (split.removals != planned.removals || split.record_problem != planned.record_problem)
      return Removal::changed;
    split.removals = proof.generation;
    split.removed_fingerprint = proof.fingerprint;
    split.record_problem.clear();
    return Removal::removed;
  }
  if (proof.kind == RemovalKind::by_proof && split.removals >= proof.generation)
    return Removal::already_removed;
  const auto* reader = static_cast<const MemoryReader*>(proof.reader);
  const bool proven = reader == nullptr ? split.counts.empty() : reader->version() == split.version;
  if (!proven)
    return Removal::changed;
  split.counts.clear();
  split.removals = proof.generation;
  split.removed_fingerprint = proof.fingerprint;
  ++split.version;
  ++store_.removed;
  return Removal::removed;
}

}  // namespace daymill
