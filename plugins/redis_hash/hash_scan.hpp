// HSCAN replies straight into columns: no object and no call per element, pages of any size in
// bounded memory. The plugin's hot path, and the only place that reads RESP without hiredis
// (docs/adr/0010).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daymill/batch.hpp"
#include "daymill/batch_builder.hpp"
#include "daymill/status.hpp"

namespace daymill::redis_hash {

/// Parses the stream of replies to HSCAN as it arrives, in pieces of any size: arrays of a cursor
/// and an array of fields and values, all of them bulk strings (RESP 2 and 3 alike; redis.io,
/// "Redis serialization protocol specification"). Fields and values go into columns 0 and 1 of a
/// batch; a row that is cut by the end of a piece is kept for the next. One thread at a time.
class HashScan {
 public:
  /// Hears of the replies, a page each, while they go by. An error ends the scan.
  class Pages {
   public:
    virtual ~Pages() = default;
    /// Before the page's first row; `cursor` is the one for the next HSCAN, "0" when there is none.
    /// Rows from the field that is answered on are not wanted.
    virtual Result<std::optional<std::string>> page_begins(std::string_view cursor) = 0;
    /// After its last row; `first_field` is that of the first, if any was wanted.
    virtual void page_ends(std::optional<std::string_view> first_field) = 0;
  };

  explicit HashScan(Pages& pages) : pages_(pages) {}

  /// Appends the rows of this piece of the stream. Afterwards `out` holds whole rows only. After an
  /// error: the server's, or UNSUPPORTED for anything that is no reply to HSCAN, nothing more can
  /// be fed.
  Status feed(const char* bytes, std::size_t size, BatchBuilder& out);

  /// Rows given so far, and the bytes of their fields and values.
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  enum class Expected { reply, cursor, elements, rows };

  Status take_head(std::string_view& rest, bool& complete);
  Status take_rows(std::string_view& rest, BatchBuilder& out);
  bool is_wanted(std::string_view field);
  void append_rows(std::string_view piece, BatchBuilder& out);
  void end_page();

  Pages& pages_;
  std::string unread_;  // what is not parsed yet: less than a row, between the calls
  Expected expected_ = Expected::reply;
  std::int64_t rows_left_ = 0;            // of the page
  std::vector<std::string_view> fields_;  // of the piece at hand
  std::vector<std::string_view> values_;
  std::optional<std::string> unwanted_;  // rows of the page from this field on
  bool all_unwanted_ = false;            // it came
  std::string first_field_;              // of the page
  bool has_first_field_ = false;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace daymill::redis_hash
