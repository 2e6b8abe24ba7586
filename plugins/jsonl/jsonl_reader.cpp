#include "jsonl_reader.hpp"

#include <utility>

namespace daymill::jsonl {

Schema raw_schema() {
  return Schema{{{"key", Type::binary, Role::key, false},
                 {"line", Type::binary, Role::attribute, false},
                 {"line_number", Type::int64, Role::attribute, false}}};
}

JsonlReader::JsonlReader(InputFile file, const Schema& typed, Host host)
    : file_(std::move(file)), host_(host), parsed_(typed) {}

Result<ReadState> JsonlReader::read(BatchBuilder& out) {
  if (host_.stop_requested()) {
    return Status(Code::cancelled, "stopped while reading").at(file_.path());
  }
  const std::size_t kept = pending_.size();
  pending_.resize(kept + kChunkBytes);
  DAYMILL_ASSIGN(const std::size_t size, file_.read(pending_.data() + kept, kChunkBytes));
  pending_.resize(kept + size);
  const bool at_end = size < kChunkBytes;
  std::string_view rest = pending_;
  if (std::exchange(at_start_, false) && rest.substr(0, 3) == "\xEF\xBB\xBF") {
    rest.remove_prefix(3);
  }
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    take(rest.substr(0, end), out);
    rest.remove_prefix(end + 1);
  }
  if (at_end && !rest.empty()) {
    take(rest, out);
    rest = {};
  }
  pending_.erase(0, pending_.size() - rest.size());
  if (pending_.size() > kMaxLineBytes) {
    return Status(Code::invalid_data, "a line is longer than 4 MiB; is this a file of JSON lines?")
        .at(file_.path() + ":" + std::to_string(line_number_ + 1));
  }
  return at_end ? ReadState::end : ReadState::more;
}

void JsonlReader::take(std::string_view line, BatchBuilder& out) {
  ++line_number_;
  if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  if (line.find_first_not_of(" \t") == std::string_view::npos) {
    return;
  }
  out.column(0).append_bytes(parsed_.parse(line) ? parsed_.canonical_key() : std::string());
  out.column(1).append_bytes(line);
  out.column(2).append_int64(line_number_);
  out.end_row();
}

Result<Scan> JsonlReader::confirm(std::int64_t /*distinct_rows*/) {
  return file_.unchanged() ? Scan::stable : Scan::changed;
}

}  // namespace daymill::jsonl
