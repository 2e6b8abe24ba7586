// Blocks of snapshot files. The first byte chooses format and schema; what follows is taken once
// as a block and once as what a block holds before compression. What is accepted is a sound batch:
// written again and read again, it is the same.
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string>

#include "fuzz.hpp"
#include "snapshot/block.hpp"
#include "snapshot/fingerprint.hpp"

namespace daymill {
namespace {

Schema schema(bool of_every_type) {
  Schema schema;
  schema.fields = {Field{"field", Type::binary, Role::key, false},
                   Field{"value", Type::binary, Role::attribute, false}};
  if (of_every_type) {
    schema.fields.push_back(Field{"flag", Type::boolean, Role::attribute, true});
    schema.fields.push_back(Field{"day", Type::date, Role::attribute, true});
    schema.fields.push_back(Field{"number", Type::int64, Role::measure, true});
    schema.fields.push_back(Field{"text", Type::text, Role::attribute, true});
  }
  return schema;
}

std::string fingerprint(const Schema& schema, const RecordBatch& batch) {
  RowHasher hasher(schema);
  Fingerprint fingerprint;
  hasher.add_to(fingerprint, batch);
  return fingerprint.text();
}

void try_block(int format, const Schema& schema, std::string_view bytes, std::size_t size) {
  const auto block =
      decode_block(format, schema, bytes, XXH3_64bits(bytes.data(), bytes.size()), size);
  if (!block.ok()) {
    return;
  }
  BlockEncoder encoder;
  const auto again = encoder.encode(schema, *block);
  fuzz::check(again.ok(), "what was read can be written");
  const auto back =
      decode_block(kFormatWithLengths, schema, again->bytes, again->checksum, again->decoded_size);
  fuzz::check(back.ok(), "what was written can be read");
  fuzz::check(fingerprint(schema, *back) == fingerprint(schema, *block), "it is the same");
}

}  // namespace
}  // namespace daymill

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daymill;
  if (size == 0) {
    return 0;
  }
  const int format = (data[0] & 1) == 0 ? kFormatWithLengths : kFormatWithOffsets;
  const Schema columns = schema((data[0] & 2) != 0);
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const auto claimed = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (claimed < (1U << 20)) {  // more is what the manifest's reader allows or not
    try_block(format, columns, bytes, static_cast<std::size_t>(claimed));
  }
  std::string compressed(ZSTD_compressBound(bytes.size()), '\0');
  compressed.resize(
      ZSTD_compress(compressed.data(), compressed.size(), bytes.data(), bytes.size(), 1));
  try_block(format, columns, compressed, bytes.size());
  return 0;
}
