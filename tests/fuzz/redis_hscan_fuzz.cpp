// Replies to HSCAN: the first byte says in pieces of how many bytes they arrive. Whatever arrives,
// in pieces it gives what it gives at once, up to the first error.
#include <optional>
#include <string>

#include "fuzz.hpp"
#include "hash_scan.hpp"
#include "settings.hpp"

namespace daymill::redis_hash {
namespace {

struct Heard final : HashScan::Pages {
  std::string pages;

  Result<std::optional<std::string>> page_begins(std::string_view cursor) override {
    pages += std::string(cursor) + "[";
    // So that also this is tried: rows from a field on that are not wanted.
    return cursor == "7" ? std::optional<std::string>("x") : std::nullopt;
  }
  void page_ends(std::optional<std::string_view> first_field) override {
    pages += std::string(first_field.value_or("none")) + "]";
  }
};

/// All that is heard of a stream: rows, pages, and whether it ended with an error.
std::string read(std::string_view stream, std::size_t piece) {
  Heard heard;
  HashScan scan(heard);
  BatchBuilder out(Settings::raw_schema());
  std::string rows;
  bool ok = true;
  while (ok && !stream.empty()) {
    const std::string bytes(stream.substr(0, piece));  // its own memory: nothing behind it
    stream.remove_prefix(bytes.size());
    ok = scan.feed(bytes.data(), bytes.size(), out).ok();
    const RecordBatch batch = out.finish();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      rows += std::string(batch.column(0).bytes_at(row)) + "=" +
              std::string(batch.column(1).bytes_at(row)) + "\n";
    }
  }
  return rows + heard.pages + (ok ? " more" : " error");
}

}  // namespace
}  // namespace daymill::redis_hash

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daymill;
  if (size == 0) {
    return 0;
  }
  const std::string_view stream = fuzz::text_of(data + 1, size - 1);
  const std::string at_once = redis_hash::read(stream, stream.size());
  const std::string in_pieces = redis_hash::read(stream, data[0] % 64 + std::size_t{1});
  fuzz::check(at_once == in_pieces,
              "in pieces as at once: \"" + in_pieces + "\" and \"" + at_once + "\"");
  return 0;
}
