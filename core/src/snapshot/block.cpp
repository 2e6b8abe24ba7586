#include "snapshot/block.hpp"

#include <zstd.h>

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daymill {

namespace {

constexpr int kCompressionLevel = 1;  // about as fast as the network; ADR 0004 has the figures

bool is_var_length(Type type) {
  return type == Type::text || type == Type::binary;
}

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
      return (rows + 1) * sizeof(std::int32_t);
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
  const void* buffers[3] = {nullptr, nullptr, nullptr};
};

void release_block_column(ArrowArray* array) {
  delete static_cast<BlockColumn*>(array->private_data);
  array->release = nullptr;
}

Status corrupt(const char* what) {
  return Status(Code::corrupt, std::string("snapshot block is damaged: ") + what);
}

bool offsets_fit(const char* section, std::size_t rows, std::int32_t& total) {
  const auto* offsets = reinterpret_cast<const std::int32_t*>(section);
  bool sound = offsets[0] == 0;
  for (std::size_t i = 0; i < rows; ++i) {
    sound &= offsets[i] <= offsets[i + 1];
  }
  total = offsets[rows];
  return sound;
}

}  // namespace

void BlockEncoder::ContextDeleter::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

BlockEncoder::BlockEncoder() : context_(ZSTD_createCCtx()) {}

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
    append_section(plain_, column.array().buffers[1], fixed_size(schema.fields[i].type, rows));
    if (is_var_length(schema.fields[i].type)) {
      append_section(plain_, column.bytes(), static_cast<std::size_t>(column.offsets()[rows]));
    }
  }
  compressed_.resize(ZSTD_compressBound(plain_.size()));
  const std::size_t size = ZSTD_compressCCtx(context_.get(), compressed_.data(), compressed_.size(),
                                             plain_.data(), plain_.size(), kCompressionLevel);
  if (ZSTD_isError(size) != 0) {
    return Status(Code::internal, std::string("zstd: ") + ZSTD_getErrorName(size));
  }
  const std::string_view bytes(compressed_.data(), size);
  return Block{bytes, XXH3_64bits(bytes.data(), bytes.size()), plain_.size()};
}

Result<RecordBatch> decode_block(const Schema& schema, std::string_view bytes,
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
    const char* values = sections.section(fixed_size(field.type, count));
    if (values == nullptr) {
      return corrupt("values");
    }
    owned->buffers[1] = values;
    if (is_var_length(field.type)) {
      std::int32_t total = 0;
      if (!offsets_fit(values, count, total) ||
          (owned->buffers[2] = sections.section(static_cast<std::size_t>(total))) == nullptr) {
        return corrupt("offsets");
      }
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
