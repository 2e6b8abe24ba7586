#include "snapshot/block.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daymill {

namespace {

// ADR 0004 and 0013 have the figures.
constexpr int kCompressionLevel = 1;
constexpr int kHashLog = 11;  // a table of matches that stays in the processor's first cache
constexpr int kMinMatch = 7;

std::size_t fixed_size(Type type, std::size_t rows) {
  switch (type) {
    case Type::boolean:
      return (rows + 7) / 8;
    case Type::date:
      return rows * sizeof(std::int32_t);
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
      return rows * sizeof(std::int64_t);
    case Type::text:
    case Type::binary:
      return 0;
  }
  return 0;
}

std::size_t padded(std::size_t size) {
  return (size + 7) / 8 * 8;
}

void append_section(std::string& out, const void* data, std::size_t size) {
  if (size != 0) {
    out.append(static_cast<const char*>(data), size);
  }
  out.append(padded(size) - size, '\0');
}

void append_number(std::string& out, std::int64_t number) {
  append_section(out, &number, sizeof number);
}

template <typename Length>
void append_lengths_as(std::string& out, const std::int32_t* offsets, std::size_t rows) {
  const std::size_t begin = out.size();
  out.resize(begin + padded(rows * sizeof(Length)), '\0');
  char* at = out.data() + begin;
  for (std::size_t i = 0; i < rows; ++i, at += sizeof(Length)) {
    const auto length = static_cast<Length>(offsets[i + 1] - offsets[i]);
    std::memcpy(at, &length, sizeof length);
  }
}

/// In the fewest bytes that hold the longest.
void append_lengths(std::string& out, const std::int32_t* offsets, std::size_t rows) {
  std::int32_t longest = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    longest = std::max(longest, offsets[i + 1] - offsets[i]);
  }
  if (longest <= std::numeric_limits<std::uint8_t>::max()) {
    append_number(out, sizeof(std::uint8_t));
    append_lengths_as<std::uint8_t>(out, offsets, rows);
  } else if (longest <= std::numeric_limits<std::uint16_t>::max()) {
    append_number(out, sizeof(std::uint16_t));
    append_lengths_as<std::uint16_t>(out, offsets, rows);
  } else {
    append_number(out, sizeof(std::uint32_t));
    append_lengths_as<std::uint32_t>(out, offsets, rows);
  }
}

/// Walks the sections of a decoded block, never beyond its end.
class SectionReader {
 public:
  explicit SectionReader(std::string_view block) : rest_(block) {}
  const char* section(std::size_t size) {
    if (size > rest_.size() || padded(size) > rest_.size()) {
      return nullptr;
    }
    const char* start = rest_.data();
    rest_.remove_prefix(padded(size));
    return start;
  }
  bool number(std::int64_t& value) {
    const char* bytes = section(sizeof value);
    if (bytes != nullptr) {
      std::memcpy(&value, bytes, sizeof value);
    }
    return bytes != nullptr;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// Keeps the decoded block alive for one column.
struct BlockColumn {
  std::shared_ptr<char[]> block;
  std::unique_ptr<std::int32_t[]> offsets;  // where the block holds lengths
  const void* buffers[3] = {nullptr, nullptr, nullptr};
};

void release_block_column(ArrowArray* array) {
  delete static_cast<BlockColumn*>(array->private_data);
  array->release = nullptr;
}

Status corrupt(const char* what) {
  return Status(Code::corrupt, std::string("snapshot block is damaged: ") + what);
}

bool offsets_fit(const std::int32_t* offsets, std::size_t rows) {
  bool sound = offsets[0] == 0;
  for (std::size_t i = 0; i < rows; ++i) {
    sound &= offsets[i] <= offsets[i + 1];
  }
  return sound;
}

/// False: the lengths are more than a column can hold.
template <typename Length>
bool add_up(const char* lengths, std::size_t rows, std::int32_t* offsets) {
  std::uint64_t total = 0;  // fewer than 2^31 rows of less than 2^32 bytes
  offsets[0] = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    Length length = 0;
    std::memcpy(&length, lengths + i * sizeof length, sizeof length);
    total += length;
    offsets[i + 1] = static_cast<std::int32_t>(total);
  }
  return total <= static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
}

/// Lengths become offsets. False: they are damaged.
bool read_lengths(SectionReader& sections, std::size_t rows, std::int32_t* offsets) {
  std::int64_t width = 0;
  if (!sections.number(width) || (width != 1 && width != 2 && width != 4)) {
    return false;
  }
  const char* lengths = sections.section(rows * static_cast<std::size_t>(width));
  if (lengths == nullptr) {
    return false;
  }
  return width == 1   ? add_up<std::uint8_t>(lengths, rows, offsets)
         : width == 2 ? add_up<std::uint16_t>(lengths, rows, offsets)
                      : add_up<std::uint32_t>(lengths, rows, offsets);
}

/// Offsets and bytes of a text or binary column. False: they are damaged.
bool read_var_length(SectionReader& sections, std::size_t rows, int format, BlockColumn& column) {
  const std::int32_t* offsets = nullptr;
  if (format == kFormatWithOffsets) {
    const char* section = sections.section((rows + 1) * sizeof(std::int32_t));
    offsets = reinterpret_cast<const std::int32_t*>(section);  // padded to 8 bytes, so aligned
    if (offsets == nullptr || !offsets_fit(offsets, rows)) {
      return false;
    }
  } else {
    column.offsets.reset(new std::int32_t[rows + 1]);
    offsets = column.offsets.get();
    if (!read_lengths(sections, rows, column.offsets.get())) {
      return false;
    }
  }
  column.buffers[1] = offsets;
  column.buffers[2] = sections.section(static_cast<std::size_t>(offsets[rows]));
  return column.buffers[2] != nullptr;
}

}  // namespace

void BlockEncoder::ContextDeleter::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

BlockEncoder::BlockEncoder() : context_(ZSTD_createCCtx()) {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_hashLog, kHashLog);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_minMatch, kMinMatch);
}

Result<BlockEncoder::Block> BlockEncoder::encode(const Schema& schema, const RecordBatch& batch) {
  plain_.clear();
  const auto rows = static_cast<std::size_t>(batch.num_rows());
  append_number(plain_, batch.num_rows());
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const Column& column = batch.column(i);
    const bool with_nulls = column.null_count() != 0 && column.validity() != nullptr;
    append_number(plain_, with_nulls ? column.null_count() : 0);
    if (with_nulls) {
      append_section(plain_, column.validity(), (rows + 7) / 8);
    }
    if (is_var_length(schema.fields[i].type)) {
      append_lengths(plain_, column.offsets(), rows);
      append_section(plain_, column.bytes(), static_cast<std::size_t>(column.offsets()[rows]));
    } else {
      append_section(plain_, column.array().buffers[1], fixed_size(schema.fields[i].type, rows));
    }
  }
  compressed_.resize(ZSTD_compressBound(plain_.size()));
  const std::size_t size = ZSTD_compress2(context_.get(), compressed_.data(), compressed_.size(),
                                          plain_.data(), plain_.size());
  if (ZSTD_isError(size) != 0) {
    return Status(Code::internal, std::string("zstd: ") + ZSTD_getErrorName(size));
  }
  const std::string_view bytes(compressed_.data(), size);
  return Block{bytes, XXH3_64bits(bytes.data(), bytes.size()), plain_.size()};
}

Result<RecordBatch> decode_block(int format, const Schema& schema, std::string_view bytes,
                                 std::uint64_t checksum, std::size_t decoded_size) {
  if (XXH3_64bits(bytes.data(), bytes.size()) != checksum) {
    return corrupt("checksum differs");
  }
  if (ZSTD_getFrameContentSize(bytes.data(), bytes.size()) != decoded_size) {
    return corrupt("size differs");
  }
  std::shared_ptr<char[]> block(new char[decoded_size]);
  const std::size_t size = ZSTD_decompress(block.get(), decoded_size, bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0 || size != decoded_size) {
    return corrupt("it does not decompress");
  }

  SectionReader sections(std::string_view(block.get(), decoded_size));
  std::int64_t rows = 0;
  if (!sections.number(rows) || rows < 0 || static_cast<std::uint64_t>(rows) > decoded_size) {
    return corrupt("row count");
  }
  const auto count = static_cast<std::size_t>(rows);
  std::vector<Column> columns;
  columns.reserve(schema.size());
  for (const Field& field : schema.fields) {
    auto owned = std::make_unique<BlockColumn>();
    owned->block = block;
    ArrowArray array{};
    array.length = rows;
    if (!sections.number(array.null_count) || array.null_count < 0 || array.null_count > rows) {
      return corrupt("null count");
    }
    if (array.null_count != 0 &&
        (owned->buffers[0] = sections.section((count + 7) / 8)) == nullptr) {
      return corrupt("validity bits");
    }
    if (is_var_length(field.type)) {
      if (!read_var_length(sections, count, format, *owned)) {
        return corrupt("lengths");
      }
    } else if ((owned->buffers[1] = sections.section(fixed_size(field.type, count))) == nullptr) {
      return corrupt("values");
    }
    array.n_buffers = is_var_length(field.type) ? 3 : 2;
    array.buffers = owned->buffers;
    array.release = release_block_column;
    array.private_data = owned.release();
    columns.emplace_back(&array);
  }
  if (!sections.at_end()) {
    return corrupt("bytes left over");
  }
  return RecordBatch(rows, std::move(columns));
}

}  // namespace daymill
