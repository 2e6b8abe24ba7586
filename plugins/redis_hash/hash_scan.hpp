// HSCAN replies straight into columns: no object per element, pages of any size in bounded memory.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "daymill/batch.hpp"
#include "daymill/status.hpp"

namespace daymill::redis_hash {

/// Parses the stream of replies to HSCAN as it arrives, in pieces of any size. Fields and values go
/// into columns 0 and 1 of a batch; a row that is cut by the end of a piece is completed by the
/// next. One thread at a time.
class HashScan {
 public:
  HashScan();
  HashScan(const HashScan&) = delete;  // hiredis's reader points at it

  /// Appends the rows of this piece of the stream. Afterwards `out` holds whole rows only.
  Status feed(const char* bytes, std::size_t size, BatchBuilder& out);

  /// The cursor for the next HSCAN, known from the beginning of a reply on; once per reply.
  /// Empty: not known yet. "0": there is no next.
  std::string take_cursor() { return std::exchange(cursor_, {}); }
  /// Replies read to their end.
  [[nodiscard]] std::int64_t pages() const { return pages_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  struct Callbacks;  // what hiredis's reader calls
  struct ReaderDeleter {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  void element(std::string_view bytes);
  Status page_end();
  Status failure() const;

  std::unique_ptr<redisReader, ReaderDeleter> reader_;
  BatchBuilder* out_ = nullptr;  // while feed() runs
  std::string cursor_;
  std::string field_;  // of a row whose value has not come yet; the reader's buffer moves
  bool has_field_ = false;
  std::string server_error_;
  bool malformed_ = false;
  bool out_of_memory_ = false;
  std::int64_t pages_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace daymill::redis_hash
