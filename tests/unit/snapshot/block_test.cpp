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
    const auto decoded = decode_block(kFormatWithLengths, every_type(), block.bytes, block.checksum,
                                      block.decoded_size);
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
    const auto decoded =
        decode_block(kFormatWithLengths, every_type(), damaged, block.checksum, block.decoded_size);
    ASSERT_EQ(decoded.status().code(), Code::corrupt) << at;
  }
}

TEST(Block, WrongSizesAndAnotherSchemaAreCorrupt) {
  const Encoded block = encode(rows_of_every_type(0, 20));
  EXPECT_EQ(decode_block(kFormatWithLengths, every_type(), block.bytes, block.checksum,
                         block.decoded_size + 8)
                .status()
                .code(),
            Code::corrupt);
  Schema fewer = every_type();
  fewer.fields.pop_back();
  EXPECT_EQ(decode_block(kFormatWithLengths, fewer, block.bytes, block.checksum, block.decoded_size)
                .status()
                .code(),
            Code::corrupt);
  EXPECT_EQ(decode_block(kFormatWithLengths, every_type(), "", 0, 0).status().code(),
            Code::corrupt);
}

TEST(Block, LengthsOfAnySizeComeBack) {
  Schema schema;
  schema.fields.push_back(Field{"bytes", Type::binary, Role::attribute, true});
  for (const std::size_t longest : {0, 255, 256, 65535, 65536}) {
    BatchBuilder builder(schema);
    for (const std::size_t size : {std::size_t{0}, longest, std::size_t{1}}) {
      builder.column(0).append_bytes(std::string(size, 'b'));
      builder.end_row();
    }
    BlockEncoder encoder;
    const auto block = encoder.encode(schema, builder.finish());
    ASSERT_TRUE(block.ok());
    const auto decoded = decode_block(kFormatWithLengths, schema, block->bytes, block->checksum,
                                      block->decoded_size);
    ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
    EXPECT_EQ(decoded->column(0).bytes_at(1), std::string(longest, 'b'));
    EXPECT_EQ(decoded->column(0).bytes_at(2), "b");
  }
}

/// Nine rows as they were written before there was a second format.
TEST(Block, OffsetsOfTheFirstFormatAreRead) {
  constexpr std::string_view kHex =
      "28b52ffd602001450800c20b2a32604fb306c84430fa5bc5a5d8ec51397a821803945d2454c321d6"
      "117453ca3155343d8194816419c3646da64722e8b7ac9d026d272487310a268a0f8b13eab6221e21"
      "1b4df1b286dbba800220b3256c3b9695b6033b95fbbdd21f697ee88fcf7f94302fe1a7cd4f1b91a0"
      "44912458c56115378f6b6c384b6cdb11100f139878037470dc981fed78f6c52f860585048403cb80"
      "aab8982519bffcafdffa07fe807ffa3b7ff44367023320408329510720209b931af0087f4a34df2e"
      "89c937597f64fd9703075224c03da0013dc1d593f5f359599748509e299f114c71f6120f6648629b"
      "afc103c2a445306109f2c58c3b3c50068359e4f31877b021c719cc108c3b0dc5e36d";
  std::string bytes;
  for (std::size_t at = 0; at < kHex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(kHex.substr(at, 2)), nullptr, 16));
  }
  const auto decoded =
      decode_block(kFormatWithOffsets, every_type(), bytes, 15165274882218848568u, 544);
  ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
  ASSERT_EQ(decoded->num_rows(), 9);
  const RecordBatch rows = rows_of_every_type(0, 9);
  for (std::int64_t row = 0; row < 9; ++row)
    ASSERT_EQ(row_text(*decoded, row), row_text(rows, row));
  EXPECT_EQ(decode_block(kFormatWithLengths, every_type(), bytes, 15165274882218848568u, 544)
                .status()
                .code(),
            Code::corrupt);
}

}  // namespace
}  // namespace daymill
