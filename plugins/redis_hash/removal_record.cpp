#include "removal_record.hpp"

#include "daymill/value.hpp"

namespace daymill::redis_hash {
namespace {

bool is_word(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') {
      return false;
    }
  }
  return !text.empty();
}

}  // namespace

RemovalRecord parse_record(std::string_view record_name, std::optional<std::string_view> content) {
  RemovalRecord record;
  if (!content) {
    return record;
  }
  const std::size_t first = content->find(' ');
  const std::size_t second =
      first == std::string_view::npos ? first : content->find(' ', first + 1);
  if (second != std::string_view::npos) {
    const auto generation = parse_int64(content->substr(0, first));
    const std::string_view pipeline = content->substr(first + 1, second - first - 1);
    const std::string_view fingerprint = content->substr(second + 1);
    if (generation.value_or(0) > 0 && is_word(pipeline) && is_word(fingerprint)) {
      record.generation = *generation;
      record.pipeline = pipeline;
      record.fingerprint = fingerprint;
      return record;
    }
  }
  record.problem = "removal record " + printable(record_name) + " is \"" + printable(*content) +
                   "\", expected \"<generation> <pipeline> <fingerprint>\"";
  return record;
}

Result<std::string> record_text(std::int64_t generation, std::string_view pipeline,
                                std::string_view fingerprint) {
  if (generation < 1 || !is_word(pipeline) || !is_word(fingerprint)) {
    return Status(Code::invalid_argument,
                  "cannot record a removal: found generation " + std::to_string(generation) +
                      ", pipeline \"" + printable(pipeline) + "\", fingerprint \"" +
                      printable(fingerprint) +
                      "\", expected a generation from 1 on and two words without white space");
  }
  return std::to_string(generation) + " " + std::string(pipeline) + " " + std::string(fingerprint);
}

}  // namespace daymill::redis_hash
