#include "copy_encoder.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace daymill::postgres {
namespace {

std::string encoded(const CopyEncoder& encoder, const RecordBatch& batch) {
  CopyBuffer buffer;
  std::string all;
  encoder.begin(buffer);
  for (std::int64_t row = 0; row < batch.num_rows();) {
    row = encoder.append(batch, row, buffer).value();
    all.append(buffer.data(), buffer.size());
    buffer.clear();
  }
  encoder.end(buffer);
  return all.append(buffer.data(), buffer.size());
}

std::vector<BoundColumn> columns(const Schema& schema) {
  std::vector<BoundColumn> bound = {BoundColumn{"date"}};
  for (std::size_t i = 0; i < schema.size(); ++i) {
    bound.push_back(BoundColumn{schema.fields[i].name, i, schema.fields[i].type, true});
  }
  return bound;
}

TEST(CopyBinary, WritesHeaderRowsAndTrailer) {
  const Schema schema{{{"n", Type::int64}, {"w", Type::text}}};
  BatchBuilder builder(schema);
  builder.column(0).append_int64(-2);
  builder.column(1).append_bytes("ab");
  builder.end_row();
  builder.column(0).append_null();
  builder.column(1).append_bytes("");
  builder.end_row();
  const auto encoder = make_binary_encoder(columns(schema), 10957 + 1);  // 2000-01-02
  using namespace std::string_literals;
  EXPECT_EQ(encoded(*encoder, builder.finish()),
            "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
            "\0\3\0\0\0\4\0\0\0\1\0\0\0\x8\377\377\377\377\377\377\377\376\0\0\0\2ab"
            "\0\3\0\0\0\4\0\0\0\1\377\377\377\377\0\0\0\0"
            "\377\377"s);
}

TEST(CopyBinary, HandsOnFullBuffersAndTakesRowsLargerThanThem) {
  const Schema schema{{{"w", Type::text}}};
  BatchBuilder builder(schema);
  const std::string huge(3 * CopyBuffer::kChunk, 'x');
  builder.column(0).append_bytes("a");
  builder.end_row();
  builder.column(0).append_bytes(huge);
  builder.end_row();
  builder.column(0).append_bytes("b");
  builder.end_row();
  const auto encoder = make_binary_encoder(columns(schema), 0);
  const RecordBatch batch = builder.finish();
  CopyBuffer buffer;
  EXPECT_EQ(encoder->append(batch, 0, buffer).value(), 2);  // full after the second
  EXPECT_TRUE(buffer.is_full());
  buffer.clear();
  EXPECT_EQ(encoder->append(batch, 2, buffer).value(), 3);
  EXPECT_EQ(buffer.size(), 2u + 8 + 4 + 1);
}

TEST(CopyBinary, RefusesTimesThatWouldBecomeInfinity) {
  for (const Type type : {Type::date, Type::timestamp}) {
    const Schema schema{{{"x", type}}};
    BatchBuilder builder(schema);
    if (type == Type::date) {
      builder.column(0).append_date(std::numeric_limits<std::int32_t>::min());
    } else {
      builder.column(0).append_int64(std::numeric_limits<std::int64_t>::min());
    }
    builder.end_row();
    CopyBuffer buffer;
    const auto result =
        make_binary_encoder(columns(schema), 0)->append(builder.finish(), 0, buffer);
    EXPECT_EQ(result.status().code(), Code::invalid_data);
  }
}

TEST(CopyText, EscapesWhatTheFormatNeeds) {
  const Schema schema{{{"w", Type::text}, {"b", Type::binary}, {"n", Type::boolean}}};
  BatchBuilder builder(schema);
  builder.column(0).append_bytes("\\N\t\n\r\"'\\.");
  builder.column(1).append_bytes(std::string_view("\0\xff", 2));
  builder.column(2).append_null();
  builder.end_row();
  EXPECT_EQ(encoded(*make_text_encoder(columns(schema), 0), builder.finish()),
            "1970-01-01\t\\\\N\\t\\n\\r\"'\\\\.\t\\\\x00ff\t\\N\n");
}

}  // namespace
}  // namespace daymill::postgres
