#include "snapshot/block.hpp"

#include <gtest/gtest.h>

#include "every_type.hpp"

namespace daymill {
namespace {

struct Encoded {
  std::string bytes;
  std::uint64_t checksum = 0;
  std::size_t decoded_size = 0;
};

Encoded encode(const RecordBatch& batch) {
  BlockEncoder encoder;
  const auto block = encoder.encode(every_type(), batch);
  EXPECT_TRUE(block.ok());
  return {std::string(block->bytes), block->checksum, block->decoded_size};
}

TEST(Block, GivesBackEveryTypeWithItsNulls) {
  for (const std::int64_t rows : {0, 1, 7, 8, 9, 1000}) {
    const RecordBatch batch = rows_of_every_type(0, rows);
    const Encoded block = encode(batch);
    const auto decoded =
        decode_block(every_type(), block.bytes, block.checksum, block.decoded_size);
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    ASSERT_EQ(decoded->num_rows(), rows);
    for (std::int64_t row = 0; row < rows; ++row)
      ASSERT_EQ(row_text(*decoded, row), row_text(batch, row));
  }
}

TEST(Block, AnyChangedByteIsCorrupt) {
  const Encoded block = encode(rows_of_every_type(0, 20));
  for (std::size_t at = 0; at < block.bytes.size(); ++at) {
    std::string damaged = block.bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    const auto decoded = decode_block(every_type(), damaged, block.checksum, block.decoded_size);
    ASSERT_EQ(decoded.status().code(), Code::corrupt) << at;
  }
}

TEST(Block, WrongSizesAndAnotherSchemaAreCorrupt) {
  const Encoded block = encode(rows_of_every_type(0, 20));
  EXPECT_EQ(decode_block(every_type(), block.bytes, block.checksum, block.decoded_size + 8)
                .status()
                .code(),
            Code::corrupt);
  Schema fewer = every_type();
  fewer.fields.pop_back();
  EXPECT_EQ(decode_block(fewer, block.bytes, block.checksum, block.decoded_size).status().code(),
            Code::corrupt);
  EXPECT_EQ(decode_block(every_type(), "", 0, 0).status().code(), Code::corrupt);
}

}  // namespace
}  // namespace daymill
