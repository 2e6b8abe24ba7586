// HSCAN replies straight into columns: no object and no call per element, pages of any size in
// bounded memory. The plugin's hot path, and the only place that reads RESP without hiredis
// (docs/adr/0010).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "daymill/batch.hpp"
#include "daymill/status.hpp"

namespace daymill::redis_hash {

/// Parses the stream of replies to HSCAN as it arrives, in pieces of any size: arrays of a cursor
/// and an array of fields and values, all of them bulk strings (RESP 2 and 3 alike; redis.io,
/// "Redis serialization protocol specification"). Fields and values go into columns 0 and 1 of a
/// batch; a row that is cut by the end of a piece is kept for the next. One thread at a time.
class HashScan {
 public:
  /// Appends the rows of this piece of the stream. Afterwards `out` holds whole rows only. After an
  /// error: the server's, or UNSUPPORTED for anything that is no reply to HSCAN, nothing more can
  /// be fed.
  Status feed(const char* bytes, std::size_t size, BatchBuilder& out);

  /// The cursor for the next HSCAN, known from the beginning of a reply on; once per reply.
  /// Empty: not known yet. "0": there is no next.
  std::string take_cursor() { return std::exchange(cursor_, {}); }
  /// Replies read to their end.
  [[nodiscard]] std::int64_t pages() const { return pages_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Of fields and values.
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  enum class Expected { reply, cursor, elements, rows };

  Status take_head(std::string_view& rest, bool& complete);
  Status take_rows(std::string_view& rest, BatchBuilder& out);

  std::string unread_;  // what is not parsed yet: less than a row, between the calls
  Expected expected_ = Expected::reply;
  std::int64_t rows_left_ = 0;  // of the page
  std::string cursor_;
  std::int64_t pages_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace daymill::redis_hash
