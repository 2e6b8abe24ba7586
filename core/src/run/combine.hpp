// combine: all splits and generations of a partition become one row per key. Measures are summed, a
// measure that is null (absent from its split) counts as 0; of an attribute the value that came
// last is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"
#include "run/ordered_code.hpp"
#include "snapshot/key_hashes.hpp"

namespace daymill {

/// A hash table over encoded keys, for one bucket at a time: add batches, then drain. Or, where
/// rows come in some order of their keys: add batches and drain what is complete, again and again.
/// One thread at a time.
class CombineTable {
 public:
  /// No row comes after this place of the order.
  static constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();

  /// `memory_limit` in bytes, of the keys and sums held at once.
  CombineTable(const Schema& schema, std::size_t memory_limit);

  /// RESOURCE_EXHAUSTED over the limit; INVALID_DATA when a sum leaves int64.
  /// The keys of the batch lie before `until` in the order in which rows come (Reader::position()).
  Status add(const RecordBatch& batch, std::uint64_t until = kLast);
  [[nodiscard]] std::int64_t num_keys() const { return static_cast<std::int64_t>(entries_.size()); }
  /// Gives the rows in order of their keys (see OrderedCode), in batches, and empties the table: a
  /// sink's index is built faster from runs of sorted rows, and the order does not depend on the
  /// source's.
  Status drain(const std::function<Status(RecordBatch)>& emit);
  /// The same, but only of keys that came in a batch whose `until` is `complete` at most: every row
  /// before `complete` was added. Other keys stay. Adds the hashes of those that go to `drained`.
  /// Only for schemas without attributes.
  Status drain_before(std::uint64_t complete, KeyHashes& drained,
                      const std::function<Status(RecordBatch)>& emit);

  /// The measures' values of a key row of `batch`; null when the table does not have the key. For
  /// comparing two readings.
  [[nodiscard]] const std::int64_t* find(const RecordBatch& batch, std::int64_t row);
  [[nodiscard]] const std::vector<std::size_t>& measures() const { return measures_; }

 private:
  struct Entry {
    std::uint64_t hash;
    std::uint64_t key_at;  // into keys_
    std::uint32_t key_size;
  };
  struct SortedEntry {
    std::uint64_t key_start;   // eight bytes as a number, the first that may differ
    std::uint64_t key_second;  // and the eight behind them
    std::uint32_t entry;
  };
  /// A measure that is not null throughout, and its column.
  struct Present {
    std::size_t measure;
    const Column* column;
  };
  /// Entries begin to end came first in batches that lie before `until`.
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint64_t until;
  };

  [[nodiscard]] std::string_view key_of(std::size_t entry) const {
    return {keys_.data() + entries_[entry].key_at, entries_[entry].key_size};
  }
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash, std::string_view key) const;
  /// The key's entry. There is room for one more; `readable_end` is that of what the key lies in.
  std::size_t find_or_add(std::uint64_t hash, std::string_view key, const char* readable_end);
  Status add_rows(const RecordBatch& batch, std::int64_t begin, std::int64_t end);
  void make_room(std::size_t num_entries);
  void fetch(std::span<const std::uint64_t> hashes) const;
  Status add_measures(std::int64_t row, std::size_t entry);
  void keep_attributes(const RecordBatch& batch, std::int64_t row, std::size_t entry);
  Status check_memory() const;
  [[nodiscard]] std::uint32_t num_entries() const {
    return static_cast<std::uint32_t>(entries_.size());
  }
  void choose(std::uint32_t begin, std::uint32_t end);
  void skip_common_start();
  void sort_chosen();
  Status emit_sorted(const std::function<Status(RecordBatch)>& emit) const;
  void append_rows(BatchBuilder& out, std::span<const SortedEntry> entries) const;
  void fetch(std::span<const SortedEntry> entries) const;
  void clear();
  void keep_only(const std::vector<Span>& spans);

  Schema schema_;
  std::size_t memory_limit_;
  OrderedCode key_code_;
  std::vector<std::size_t> measures_;
  std::vector<Present> present_;  // of the batch at hand
  OrderedCode attribute_code_;
  bool has_attributes_;

  std::vector<std::uint32_t> slots_;  // 1 + entry, 0: free; a power of two
  std::vector<Entry> entries_;
  detail::Buffer keys_;             // encoded keys, one after the other
  std::vector<std::int64_t> sums_;  // entries × measures
  std::vector<std::pair<std::uint64_t, std::uint32_t>>
      attribute_at_;  // entries: place in attribute_bytes_
  std::string attribute_bytes_;
  std::vector<Span> spans_;          // all entries, in their order
  std::vector<SortedEntry> chosen_;  // to be drained
  std::vector<SortedEntry> sorted_;
  std::vector<std::uint32_t> piece_ends_;  // of sort_chosen()
};

}  // namespace daymill
