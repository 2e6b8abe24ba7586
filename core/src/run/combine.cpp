#include "run/combine.hpp"

#include <xxhash.h>

#include <cstring>

#include "snapshot/fingerprint.hpp"

namespace daymill {

namespace {

/// One value as it is kept: a tag byte (0 null, 1 value), for text and binary a 4-byte size, then
/// the bytes.
void encode_value(std::string& out, const Field& field, const Column& column, std::int64_t row) {
  if (column.is_null(row)) {
    out += '\0';
    return;
  }
  const std::string_view bytes = value_bytes(field, column, row);
  out += '\1';
  if (field.type == Type::text || field.type == Type::binary) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    char prefix[sizeof size];
    std::memcpy(prefix, &size, sizeof size);
    out.append(prefix, sizeof prefix);
  }
  out.append(bytes);
}

/// Takes one value off the front of `encoded`.
void decode_value(ColumnBuilder& out, std::string_view& encoded) {
  const bool null = encoded.front() == '\0';
  encoded.remove_prefix(1);
  if (null) {
    out.append_null();
    return;
  }
  auto take = [&encoded](auto& value) {
    std::memcpy(&value, encoded.data(), sizeof value);
    encoded.remove_prefix(sizeof value);
  };
  switch (out.type()) {
    case Type::int64:
    case Type::timestamp: {
      std::int64_t value = 0;
      take(value);
      out.append_int64(value);
      break;
    }
    case Type::float64: {
      double value = 0;
      take(value);
      out.append_float64(value);
      break;
    }
    case Type::date: {
      std::int32_t value = 0;
      take(value);
      out.append_date(value);
      break;
    }
    case Type::boolean: {
      char value = 0;
      take(value);
      out.append_boolean(value != 0);
      break;
    }
    case Type::text:
    case Type::binary: {
      std::uint32_t size = 0;
      take(size);
      out.append_bytes(encoded.substr(0, size));
      encoded.remove_prefix(size);
      break;
    }
  }
}

}  // namespace

CombineTable::CombineTable(const Schema& schema, std::size_t memory_limit)
    : schema_(schema),
      memory_limit_(memory_limit),
      key_columns_(schema.with_role(Role::key)),
      measures_(schema.with_role(Role::measure)),
      attributes_(schema.with_role(Role::attribute)),
      slots_(1024, 0) {}

void CombineTable::encode_key(const RecordBatch& batch, std::int64_t row) {
  scratch_.clear();
  for (const std::size_t i : key_columns_) {
    encode_value(scratch_, schema_.fields[i], batch.column(i), row);
  }
}

std::size_t CombineTable::slot_of(std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash) & mask;
  while (slots_[slot] != 0) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && entry.key_size == scratch_.size() &&
        std::memcmp(keys_.data() + entry.key_at, scratch_.data(), scratch_.size()) == 0) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::size_t CombineTable::find_or_add() {
  const std::uint64_t hash = XXH3_64bits(scratch_.data(), scratch_.size());
  const std::size_t slot = slot_of(hash);
  if (slots_[slot] != 0) {
    return slots_[slot] - 1;
  }
  entries_.push_back(Entry{hash, keys_.size(), static_cast<std::uint32_t>(scratch_.size())});
  keys_ += scratch_;
  sums_.resize(sums_.size() + measures_.size(), 0);
  if (!attributes_.empty()) {
    attribute_at_.emplace_back(0, 0);
  }
  slots_[slot] = static_cast<std::uint32_t>(entries_.size());
  if (entries_.size() * 2 > slots_.size()) {
    grow();
  }
  return entries_.size() - 1;
}

void CombineTable::grow() {
  std::vector<std::uint32_t> larger(slots_.size() * 2, 0);
  const std::size_t mask = larger.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t slot = static_cast<std::size_t>(entries_[i].hash) & mask;
    while (larger[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    larger[slot] = static_cast<std::uint32_t>(i + 1);
  }
  slots_ = std::move(larger);
}

Status CombineTable::add_measures(const RecordBatch& batch, std::int64_t row, std::size_t entry) {
  std::int64_t* sums = sums_.data() + entry * measures_.size();
  for (std::size_t i = 0; i < measures_.size(); ++i) {
    const Column& column = batch.column(measures_[i]);
    if (column.is_null(row)) {
      continue;
    }
    if (__builtin_add_overflow(sums[i], column.int64s()[row], &sums[i])) {
      return Status(Code::invalid_data, "the sum of measure " + schema_.fields[measures_[i]].name +
                                            " for one key leaves int64");
    }
  }
  return {};
}

void CombineTable::keep_attributes(const RecordBatch& batch, std::int64_t row, std::size_t entry) {
  const std::size_t start = attribute_bytes_.size();
  for (const std::size_t i : attributes_) {
    encode_value(attribute_bytes_, schema_.fields[i], batch.column(i), row);
  }
  attribute_at_[entry] = {start, static_cast<std::uint32_t>(attribute_bytes_.size() - start)};
}

Status CombineTable::check_memory() const {
  const std::size_t used = slots_.capacity() * sizeof(slots_[0]) +
                           entries_.capacity() * sizeof(Entry) + keys_.capacity() +
                           sums_.capacity() * sizeof(sums_[0]) + attribute_bytes_.capacity();
  if (used <= memory_limit_) {
    return {};
  }
  return Status(Code::resource_exhausted,
                "combining needs more than the memory budget: " + std::to_string(entries_.size()) +
                    " keys in one bucket take " + std::to_string(used >> 20) +
                    " MiB, allowed are " + std::to_string(memory_limit_ >> 20) + " MiB")
      .next("raise --memory, or split the source into more partitions");
}

Status CombineTable::add(const RecordBatch& batch) {
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    encode_key(batch, row);
    const std::size_t entry = find_or_add();
    DAYMILL_TRY(add_measures(batch, row, entry));
    if (!attributes_.empty()) {
      keep_attributes(batch, row, entry);
    }
  }
  return check_memory();
}

const std::int64_t* CombineTable::find(const RecordBatch& batch, std::int64_t row) {
  encode_key(batch, row);
  const std::size_t slot = slot_of(XXH3_64bits(scratch_.data(), scratch_.size()));
  return slots_[slot] == 0 ? nullptr : sums_.data() + (slots_[slot] - 1) * measures_.size();
}

void CombineTable::append_row(BatchBuilder& out, std::size_t entry) const {
  std::string_view key(keys_.data() + entries_[entry].key_at, entries_[entry].key_size);
  for (const std::size_t i : key_columns_) {
    decode_value(out.column(i), key);
  }
  for (std::size_t i = 0; i < measures_.size(); ++i) {
    out.column(measures_[i]).append_int64(sums_[entry * measures_.size() + i]);
  }
  if (!attributes_.empty()) {
    std::string_view attributes(attribute_bytes_.data() + attribute_at_[entry].first,
                                attribute_at_[entry].second);
    for (const std::size_t i : attributes_) {
      decode_value(out.column(i), attributes);
    }
  }
  out.end_row();
}

Status CombineTable::drain(const std::function<Status(RecordBatch)>& emit) {
  BatchBuilder out(schema_);
  for (std::size_t entry = 0; entry < entries_.size(); ++entry) {
    append_row(out, entry);
    if ((entry & 255) == 255 && out.is_full()) {
      DAYMILL_TRY(emit(out.finish()));
    }
  }
  if (out.num_rows() > 0) {
    DAYMILL_TRY(emit(out.finish()));
  }
  slots_.assign(slots_.size(), 0);
  entries_.clear();
  keys_.clear();
  sums_.clear();
  attribute_at_.clear();
  attribute_bytes_.clear();
  return {};
}

}  // namespace daymill
