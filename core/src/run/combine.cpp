#include "run/combine.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <span>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daymill {

namespace {

constexpr std::int64_t kRowsAtOnce = 256;

/// memcmp() == 0, in place and without a guess for the sizes that most keys have.
bool same_bytes(const char* a, const char* b, std::size_t size) {
  if (size < 8 || size > 32) {
    return std::memcmp(a, b, size) == 0;
  }
  const auto difference_at = [a, b](std::size_t at) {
    std::uint64_t words[2];
    std::memcpy(&words[0], a + at, 8);
    std::memcpy(&words[1], b + at, 8);
    return words[0] ^ words[1];
  };
  const std::size_t last = size - 8;
  return (difference_at(0) | difference_at(std::min<std::size_t>(8, last)) |
          difference_at(size < 16 ? 0 : size - 16) | difference_at(last)) == 0;  // some twice
}

/// The eight bytes from `at` on as a number, 0 for those that the key does not have.
std::uint64_t eight_bytes(std::string_view key, std::size_t at) {
  std::uint64_t bytes = 0;
  if (at < key.size()) {
    detail::copy_bytes(reinterpret_cast<char*>(&bytes), key.data() + at,
                       std::min(key.size() - at, sizeof bytes));
  }
  static_assert(std::endian::native == std::endian::little);
  return __builtin_bswap64(bytes);
}

}  // namespace

CombineTable::CombineTable(const Schema& schema, std::size_t memory_limit)
    : schema_(schema),
      memory_limit_(memory_limit),
      key_code_(schema, schema.with_role(Role::key)),
      measures_(schema.with_role(Role::measure)),
      attribute_code_(schema, schema.with_role(Role::attribute)),
      has_attributes_(!schema.with_role(Role::attribute).empty()),
      slots_(1024, 0) {}

std::size_t CombineTable::slot_of(std::uint64_t hash, std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash) & mask;
  while (slots_[slot] != 0) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.key_size == key.size() &&
        same_bytes(keys_.data() + entry.key_at, key.data(), key.size())) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::size_t CombineTable::find_or_add(std::uint64_t hash, std::string_view key,
                                      const char* readable_end) {
  const std::size_t slot = slot_of(hash, key);
  if (slots_[slot] != 0) {
    return slots_[slot] - 1;
  }
  entries_.push_back(Entry{hash, keys_.size(), static_cast<std::uint32_t>(key.size())});
  detail::copy_slice(keys_.grow_by(key.size()), key.data(), key.size(), readable_end);
  slots_[slot] = static_cast<std::uint32_t>(entries_.size());
  return entries_.size() - 1;
}

/// For so many entries more; the sums behind the last entry are 0.
void CombineTable::make_room(std::size_t num_entries) {
  const std::size_t most = entries_.size() + num_entries;
  sums_.resize(most * measures_.size(), 0);
  if (has_attributes_) {
    attribute_at_.resize(most);
  }
  if (most * 2 <= slots_.size()) {
    return;
  }
  slots_.assign(std::bit_ceil(most * 2), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = static_cast<std::size_t>(entries_[i].hash) & mask;
    while (slots_[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots_[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

Status CombineTable::add_measures(std::int64_t row, std::size_t entry) {
  std::int64_t* sums = sums_.data() + entry * measures_.size();
  for (const Present& present : present_) {
    if (!present.column->is_null(row) &&
        __builtin_add_overflow(sums[present.measure], present.column->int64s()[row],
                               &sums[present.measure])) {
      return Status(Code::invalid_data, "the sum of measure " +
                                            schema_.fields[measures_[present.measure]].name +
                                            " for one key leaves int64");
    }
  }
  return {};
}

void CombineTable::keep_attributes(const RecordBatch& batch, std::int64_t row, std::size_t entry) {
  attribute_code_.clear();
  const std::size_t size = attribute_code_.append(batch, row);
  attribute_at_[entry] = {attribute_bytes_.size(), static_cast<std::uint32_t>(size)};
  attribute_bytes_ += attribute_code_.bytes();
}

Status CombineTable::check_memory() const {
  const std::size_t used = slots_.capacity() * sizeof(slots_[0]) +
                           entries_.capacity() * (sizeof(Entry) + 2 * sizeof(SortedEntry)) +
                           keys_.capacity() + sums_.capacity() * sizeof(sums_[0]) +
                           attribute_bytes_.capacity();
  if (used <= memory_limit_) {
    return {};
  }
  return Status(Code::resource_exhausted,
                "combining needs more than the memory budget: " + std::to_string(entries_.size()) +
                    " keys in one bucket take " + std::to_string(used >> 20) +
                    " MiB, allowed are " + std::to_string(memory_limit_ >> 20) + " MiB")
      .next("raise --memory, or split the source into more partitions");
}

Status CombineTable::add(const RecordBatch& batch, std::uint64_t until) {
  const std::uint32_t begin = num_entries();
  present_.clear();
  for (std::size_t i = 0; i < measures_.size(); ++i) {
    if (const Column& column = batch.column(measures_[i]);
        column.null_count() != batch.num_rows()) {
      present_.push_back({i, &column});
    }
  }
  for (std::int64_t row = 0; row < batch.num_rows(); row += kRowsAtOnce) {
    DAYMILL_TRY(add_rows(batch, row, std::min(row + kRowsAtOnce, batch.num_rows())));
  }
  if (spans_.empty() || spans_.back().until != until) {
    spans_.push_back({begin, begin, until});
  }
  spans_.back().end = num_entries();
  return check_memory();
}

/// Keys, then hashes, then the table, which is on its way from memory meanwhile.
Status CombineTable::add_rows(const RecordBatch& batch, std::int64_t begin, std::int64_t end) {
  const auto num_rows = static_cast<std::size_t>(end - begin);
  make_room(num_rows);
  std::array<std::size_t, kRowsAtOnce + 1> ends;
  std::array<std::uint64_t, kRowsAtOnce> hashes;
  ends[0] = 0;
  key_code_.clear();
  key_code_.append(batch, begin, std::span(ends).subspan(1, num_rows));
  const std::string_view keys = key_code_.bytes();
  for (std::size_t i = 0; i < num_rows; ++i) {
    hashes[i] = XXH3_64bits(keys.data() + ends[i], ends[i + 1] - ends[i]);
    __builtin_prefetch(&slots_[static_cast<std::size_t>(hashes[i]) & (slots_.size() - 1)]);
  }
  fetch(std::span(hashes).first(num_rows));
  for (std::size_t i = 0; i < num_rows; ++i) {
    const std::int64_t row = begin + static_cast<std::int64_t>(i);
    const std::size_t entry = find_or_add(hashes[i], keys.substr(ends[i], ends[i + 1] - ends[i]),
                                          keys.data() + keys.size());
    DAYMILL_TRY(add_measures(row, entry));
    if (has_attributes_) {
      keep_attributes(batch, row, entry);
    }
  }
  return {};
}

/// Has the entries and keys of these hashes, and their sums, on their way from memory.
void CombineTable::fetch(std::span<const std::uint64_t> hashes) const {
  const std::size_t mask = slots_.size() - 1;
  for (const std::uint64_t hash : hashes) {
    if (const std::uint32_t slot = slots_[static_cast<std::size_t>(hash) & mask]; slot != 0) {
      __builtin_prefetch(&entries_[slot - 1]);
      __builtin_prefetch(sums_.data() + (slot - 1) * measures_.size());
    }
  }
  for (const std::uint64_t hash : hashes) {
    if (const std::uint32_t slot = slots_[static_cast<std::size_t>(hash) & mask]; slot != 0) {
      __builtin_prefetch(keys_.data() + entries_[slot - 1].key_at);
    }
  }
}

const std::int64_t* CombineTable::find(const RecordBatch& batch, std::int64_t row) {
  key_code_.clear();
  key_code_.append(batch, row);
  const std::string_view key = key_code_.bytes();
  const std::size_t slot = slot_of(XXH3_64bits(key.data(), key.size()), key);
  return slots_[slot] == 0 ? nullptr : sums_.data() + (slots_[slot] - 1) * measures_.size();
}

void CombineTable::choose(std::uint32_t begin, std::uint32_t end) {
  for (std::uint32_t entry = begin; entry < end; ++entry) {
    const std::string_view key = key_of(entry);
    chosen_.push_back({eight_bytes(key, 0), eight_bytes(key, 8), entry});
  }
}

/// Bytes with which all keys begin say nothing of their order: the numbers are of those behind.
void CombineTable::skip_common_start() {
  std::uint64_t differing = 0;
  for (const SortedEntry& one : chosen_) {
    differing |= one.key_start ^ chosen_.front().key_start;
  }
  const int bits = std::countl_zero(differing) / 8 * 8;
  if (bits == 0) {
    return;
  }
  for (SortedEntry& one : chosen_) {
    const std::uint64_t third = eight_bytes(key_of(one.entry), 16);
    one.key_start =
        bits == 64 ? one.key_second : one.key_start << bits | one.key_second >> (64 - bits);
    one.key_second = bits == 64 ? third : one.key_second << bits | third >> (64 - bits);
  }
}

/// Spread by the first bytes of the keys over pieces of a few rows each, then each piece sorted.
void CombineTable::sort_chosen() {
  constexpr std::size_t kRowsPerPiece = 4;  // about, where keys are spread evenly
  skip_common_start();
  std::uint64_t least = kLast;
  std::uint64_t most = 0;
  for (const SortedEntry& one : chosen_) {
    least = std::min(least, one.key_start);
    most = std::max(most, one.key_start);
  }
  const int piece_bits =
      std::max(1, static_cast<int>(std::bit_width(chosen_.size() / kRowsPerPiece)));
  const int shift = std::max(0, static_cast<int>(std::bit_width(most - least)) - piece_bits);
  std::vector<std::uint32_t>& ends = piece_ends_;
  ends.assign((std::size_t{1} << piece_bits) + 1, 0);
  for (const SortedEntry& one : chosen_) {
    ++ends[((one.key_start - least) >> shift) + 1];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());  // now where each piece begins
  sorted_.resize(chosen_.size());
  for (const SortedEntry& one : chosen_) {
    sorted_[ends[(one.key_start - least) >> shift]++] = one;  // and in the end, where it ends
  }
  chosen_.clear();
  const auto before = [this](const SortedEntry& a, const SortedEntry& b) {
    return a.key_start != b.key_start     ? a.key_start < b.key_start
           : a.key_second != b.key_second ? a.key_second < b.key_second
                                          : key_of(a.entry) < key_of(b.entry);
  };
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ends) {
    std::sort(sorted_.begin() + begin, sorted_.begin() + end, before);
    begin = end;
  }
}

/// Entries to rows, column by column.
void CombineTable::append_rows(BatchBuilder& out, std::span<const SortedEntry> entries) const {
  std::array<std::string_view, kRowsAtOnce> codes;
  const std::span<std::string_view> rows(codes.data(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    rows[i] = key_of(entries[i].entry);
  }
  key_code_.decode({keys_.data(), keys_.size()}, rows, out);
  std::array<std::int64_t, kRowsAtOnce> values;
  const auto num_rows = static_cast<std::int64_t>(entries.size());
  for (std::size_t measure = 0; measure < measures_.size(); ++measure) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      values[i] = sums_[entries[i].entry * measures_.size() + measure];
    }
    out.column(measures_[measure]).append_int64s(values.data(), num_rows);
  }
  if (has_attributes_) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto [begin, size] = attribute_at_[entries[i].entry];
      rows[i] = {attribute_bytes_.data() + begin, size};
    }
    attribute_code_.decode(attribute_bytes_, rows, out);
  }
  out.end_rows(num_rows);
}

Status CombineTable::emit_sorted(const std::function<Status(RecordBatch)>& emit) const {
  BatchBuilder out(schema_);
  for (std::span<const SortedEntry> left(sorted_); !left.empty();) {
    const auto entries = left.first(std::min<std::size_t>(kRowsAtOnce, left.size()));
    fetch(entries);
    append_rows(out, entries);
    left = left.subspan(entries.size());
    if (out.is_full()) {
      DAYMILL_TRY(emit(out.finish()));
    }
  }
  return out.num_rows() > 0 ? emit(out.finish()) : Status();
}

/// Has what will be read of the entries on its way from memory.
void CombineTable::fetch(std::span<const SortedEntry> entries) const {
  for (const SortedEntry& one : entries) {
    __builtin_prefetch(&entries_[one.entry]);
    __builtin_prefetch(sums_.data() + one.entry * measures_.size());
  }
  for (const SortedEntry& one : entries) {
    __builtin_prefetch(keys_.data() + entries_[one.entry].key_at);
  }
}

void CombineTable::clear() {
  slots_.assign(slots_.size(), 0);
  entries_.clear();
  keys_.clear();
  sums_.clear();
  attribute_at_.clear();
  attribute_bytes_.clear();
  spans_.clear();
}

Status CombineTable::drain(const std::function<Status(RecordBatch)>& emit) {
  choose(0, num_entries());
  sort_chosen();
  DAYMILL_TRY(emit_sorted(emit));
  clear();
  return {};
}

Status CombineTable::drain_before(std::uint64_t complete, KeyHashes& drained,
                                  const std::function<Status(RecordBatch)>& emit) {
  std::vector<Span> kept;
  std::vector<std::uint64_t> hashes;
  for (const Span& span : spans_) {
    if (span.until > complete) {
      kept.push_back(span);
      continue;
    }
    choose(span.begin, span.end);
    hashes.clear();
    for (std::uint32_t entry = span.begin; entry < span.end; ++entry) {
      hashes.push_back(entries_[entry].hash);
    }
    DAYMILL_TRY(drained.add(hashes));
  }
  sort_chosen();
  DAYMILL_TRY(emit_sorted(emit));
  keep_only(kept);
  return {};
}

void CombineTable::keep_only(const std::vector<Span>& kept) {
  std::vector<Entry> entries;
  detail::Buffer keys;
  std::vector<std::int64_t> sums;
  for (const Span& span : kept) {
    for (std::uint32_t entry = span.begin; entry < span.end; ++entry) {
      entries.push_back({entries_[entry].hash, keys.size(), entries_[entry].key_size});
      keys.append(key_of(entry).data(), entries_[entry].key_size);
      const auto* const values = sums_.data() + entry * measures_.size();
      sums.insert(sums.end(), values, values + measures_.size());
    }
  }
  clear();
  make_room(entries.size());
  for (const Entry& entry : entries) {
    find_or_add(entry.hash, {keys.data() + entry.key_at, entry.key_size},
                keys.data() + keys.size());
  }
  sums_ = std::move(sums);  // as many entries, in the same order
  std::uint32_t begin = 0;
  for (const Span& span : kept) {
    const std::uint32_t end = begin + (span.end - span.begin);
    spans_.push_back({begin, end, span.until});
    begin = end;
  }
}

}  // namespace daymill
