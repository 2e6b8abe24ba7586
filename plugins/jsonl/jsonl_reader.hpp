// Reads one file of JSON lines as raw rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <daymill/plugin.hpp>
#include <daymill/whole_file.hpp>

#include "json_line.hpp"

namespace daymill::jsonl {

/// `key`: the keys' values in canonical form, empty when the line has none that can be read;
/// `line`: its bytes without the line end; `line_number` from 1.
Schema raw_schema();

/// Lines end with LF or CR LF; empty lines are no rows; a byte order mark is skipped.
class JsonlReader final : public Reader {
 public:
  /// A line may not be longer.
  static constexpr std::size_t kMaxLineBytes = std::size_t{4} << 20;

  JsonlReader(InputFile file, const Schema& typed, Host host);

  Result<ReadState> read(BatchBuilder& out) override;
  Result<Scan> confirm(std::int64_t distinct_rows) override;

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

  void take(std::string_view line, BatchBuilder& out);

  InputFile file_;
  Host host_;
  JsonLine parsed_;
  std::string pending_;  // bytes read and not yet taken: at most one line that has not ended
  bool at_start_ = true;
  std::int64_t line_number_ = 0;
};

}  // namespace daymill::jsonl
