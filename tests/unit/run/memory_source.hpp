// A source in memory that behaves as the real ones must: splits with counts, removal records,
// readers whose proof is void once their split changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "daymill/plugin.hpp"

namespace daymill {

/// What an ad system would count in: one split per measure, words to counts, or many ("clicks 2").
/// Outlives its sources.
struct MemoryStore {
  struct Split {
    std::map<std::string, std::int64_t> counts;  ///< empty: the split is absent
    std::int64_t removals = 0;
    std::string removed_fingerprint;
    std::string record_problem;
    std::int64_t version = 0;  ///< grows with every change, as a WATCH sees it
  };
  std::map<std::string, Split> splits = {{"clicks", {}}, {"views", {}}};
  std::int64_t removed = 0;  ///< removals carried out

  void count(const std::string& split, const std::string& word, std::int64_t by);

  /// Readers give so many words at a time, in the order of the words; 0: all at once.
  std::size_t page_rows = 0;
  /// A split that is read backwards, whatever its readers say of their position; empty: none.
  std::string backwards;
  /// Words that the readers of "views" give a second time at the end.
  std::map<std::string, std::int64_t> repeated;

  /// Called when something happens, to change the world at just that moment. Readers call from
  /// their threads.
  std::function<Status()> on_plan = [] { return Status(); };
  std::function<void(const std::string& split)> on_read = [](const std::string& /*split*/) {};
};

class MemorySource final : public Source {
 public:
  explicit MemorySource(MemoryStore& store) : store_(store) {}
  /// word text key, clicks and views int64 measures.
  Result<Schema> schema() override;
  Result<std::vector<Split>> plan(const Partition& partition) override;
  Result<std::unique_ptr<Reader>> open(const Partition& partition, const Split& split) override;
  Result<Removal> remove(const Partition& partition, const Split& split,
                         const RemovalProof& proof) override;

 private:
  MemoryStore& store_;
};

}  // namespace daymill
