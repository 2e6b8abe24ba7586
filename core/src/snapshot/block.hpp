// One compressed columnar block of a snapshot file.
//
// Layout before compression (little-endian, every section padded to 8 bytes): int64 rows; then per
// column: int64 null_count, the validity bits when null_count > 0, and either the fixed-size values
// (booleans as bits) or int64 width (1, 2 or 4), the values' lengths of so many bytes each, and
// their bytes. Format 1, which is only read any more, has rows + 1 int32 offsets for width and
// lengths.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "daymill/batch.hpp"
#include "daymill/schema.hpp"
#include "daymill/status.hpp"

struct ZSTD_CCtx_s;

namespace daymill {

inline constexpr int kFormatWithOffsets = 1;
inline constexpr int kFormatWithLengths = 2;

/// Compresses batches, in kFormatWithLengths; one thread at a time.
class BlockEncoder {
 public:
  BlockEncoder();
  struct Block {
    std::string_view bytes;      ///< valid until the next encode
    std::uint64_t checksum = 0;  ///< XXH3-64 of bytes
    std::size_t decoded_size = 0;
  };
  Result<Block> encode(const Schema& schema, const RecordBatch& batch);

 private:
  struct ContextDeleter {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, ContextDeleter> context_;
  std::string plain_;
  std::string compressed_;
};

/// Back to a batch, whose columns share one allocation. CORRUPT when checksum, sizes or structure
/// are wrong.
Result<RecordBatch> decode_block(int format, const Schema& schema, std::string_view bytes,
                                 std::uint64_t checksum, std::size_t decoded_size);

}  // namespace daymill
