#include "memory_source.hpp"

namespace daymill {
namespace {

class MemoryReader final : public Reader {
 public:
  MemoryReader(MemoryStore& store, std::string split) : store_(store), split_(std::move(split)) {
    version_ = store_.splits[split_].version;
  }
  Result<ReadState> read(BatchBuilder& out) override {
    for (const auto& [word, count] : store_.splits[split_].counts) {
      out.column(0).append_bytes(word);
      split_ == "clicks" ? out.column(1).append_int64(count) : out.column(1).append_null();
      split_ == "views" ? out.column(2).append_int64(count) : out.column(2).append_null();
      out.end_row();
    }
    store_.on_read();
    return ReadState::end;
  }
  Result<Scan> confirm(std::int64_t distinct_rows) override {
    const auto& split = store_.splits[split_];
    return split.version == version_ &&
                   split.counts.size() == static_cast<std::size_t>(distinct_rows)
               ? Scan::stable
               : Scan::changed;
  }
  [[nodiscard]] std::int64_t version() const { return version_; }

 private:
  MemoryStore& store_;
  std::string split_;
  std::int64_t version_ = 0;
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
