#include "hash_scan.hpp"

#include <limits>
#include <optional>

#include "daymill/value.hpp"
#include "server_error.hpp"

namespace daymill::redis_hash {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

enum class Parse { complete, incomplete, malformed };

/// Takes `mark`, a number of at least 0 in plain digits, and the end of the line off the front.
/// Unless it is complete, `rest` is unspecified.
Parse take_size(std::string_view& rest, char mark, std::int64_t& size) {
  constexpr std::ptrdiff_t kMostDigits = 18;  // no overflow
  const char* at = rest.data();
  const char* const end = at + rest.size();
  if (at == end) {
    return Parse::incomplete;
  }
  if (*at++ != mark) {
    return Parse::malformed;
  }
  const char* const digits = at;
  std::int64_t value = 0;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (at - digits == kMostDigits) {
      return Parse::malformed;
    }
    value = value * 10 + (*at - '0');
  }
  if (end - at < 2) {
    return at == end || *at == '\r' ? Parse::incomplete : Parse::malformed;
  }
  if (at[0] != '\r' || at[1] != '\n' || at == digits) {
    return Parse::malformed;
  }
  rest.remove_prefix(static_cast<std::size_t>(at + 2 - rest.data()));
  size = value;
  return Parse::complete;
}

/// Takes a bulk string off the front.
Parse take_bulk(std::string_view& rest, std::string_view& bytes) {
  std::int64_t size = 0;
  if (const Parse parse = take_size(rest, '$', size); parse != Parse::complete) {
    return parse;
  }
  const auto count = static_cast<std::size_t>(size);
  if (size > std::numeric_limits<std::int32_t>::max()) {  // a column's offsets end there
    return Parse::malformed;
  }
  if (rest.size() < count + kLineEnd.size()) {
    return Parse::incomplete;
  }
  if (rest[count] != '\r' || rest[count + 1] != '\n') {
    return Parse::malformed;
  }
  bytes = rest.substr(0, count);
  rest.remove_prefix(count + kLineEnd.size());
  return Parse::complete;
}

/// The same for one of up to 99 bytes that is all there, as nearly all are. False: look again with
/// take_bulk().
bool take_short_bulk(std::string_view& rest, std::string_view& bytes) {
  constexpr std::size_t kShortest = 6;  // $0, twice the end of the line
  const char* const at = rest.data();
  if (rest.size() < kShortest || at[0] != '$') {
    return false;
  }
  const auto digit = [at](int place) { return static_cast<unsigned char>(at[place] - '0'); };
  const bool one_digit = at[2] == '\r';
  const std::size_t size = one_digit ? digit(1) : digit(1) * 10u + digit(2);
  const std::size_t begin = one_digit ? 4 : 5;
  const char* const text = at + begin;
  if (digit(1) > 9 || (!one_digit && digit(2) > 9) || begin + size + 2 > rest.size() ||
      text[-2] != '\r' || text[-1] != '\n' || text[size] != '\r' || text[size + 1] != '\n') {
    return false;
  }
  bytes = {text, size};
  rest.remove_prefix(begin + size + 2);
  return true;
}

Status malformed(std::string_view rest) {
  return Status(
      Code::unsupported,
      "the answer to HSCAN is not a cursor and pairs of field and value: it goes on with \"" +
          printable(rest.substr(0, 40)) + "\"");
}

}  // namespace

Status HashScan::feed(const char* bytes, std::size_t size, BatchBuilder& out) {
  std::string_view rest(bytes, size);
  if (!unread_.empty()) {
    rest = unread_.append(rest);
  }
  for (bool complete = true; complete && !rest.empty();) {
    if (expected_ == Expected::rows) {
      DAYMILL_TRY(take_rows(rest, out));
      complete = expected_ != Expected::rows;
    } else {
      DAYMILL_TRY(take_head(rest, complete));
    }
  }
  unread_ = std::string(rest);
  return {};
}

Status HashScan::take_head(std::string_view& rest, bool& complete) {
  std::string_view after = rest;
  std::int64_t count = 0;
  std::string_view text;
  Parse parse = Parse::malformed;
  switch (expected_) {
    case Expected::reply:
      if (rest.front() == '-') {
        const std::size_t end = rest.find(kLineEnd);
        complete = end != std::string_view::npos;
        return complete ? server_error(rest.substr(1, end - 1)) : Status();
      }
      parse = take_size(after, '*', count);
      if (parse == Parse::complete && count != 2) {
        parse = Parse::malformed;
      }
      break;
    case Expected::cursor:
      parse = take_bulk(after, text);
      if (parse == Parse::complete) {
        DAYMILL_ASSIGN(unwanted_, pages_.page_begins(text));
      }
      break;
    case Expected::elements:
      parse = take_size(after, '*', count);
      if (parse == Parse::complete && count % 2 != 0) {
        parse = Parse::malformed;
      }
      rows_left_ = count / 2;
      break;
    case Expected::rows:
      break;
  }
  if (parse == Parse::malformed) {
    return malformed(rest);
  }
  complete = parse == Parse::complete;
  if (complete) {
    rest = after;
    expected_ = static_cast<Expected>(static_cast<int>(expected_) + 1);
    if (expected_ == Expected::rows && rows_left_ == 0) {
      end_page();
    }
  }
  return {};
}

Status HashScan::take_rows(std::string_view& rest, BatchBuilder& out) {
  const std::string_view piece = rest;
  fields_.clear();
  values_.clear();
  Parse parse = Parse::complete;
  std::string_view after = rest;
  while (rows_left_ > 0) {
    std::string_view field;
    std::string_view value;
    if (!take_short_bulk(after, field)) {
      parse = take_bulk(after, field);
    }
    if (parse == Parse::complete && !take_short_bulk(after, value)) {
      parse = take_bulk(after, value);
    }
    if (parse != Parse::complete) {
      break;
    }
    if (is_wanted(field)) {
      fields_.push_back(field);
      values_.push_back(value);
      bytes_ += static_cast<std::int64_t>(field.size() + value.size());
    }
    --rows_left_;
    rest = after;
  }
  append_rows(piece, out);
  if (parse == Parse::malformed) {
    return malformed(rest);
  }
  if (rows_left_ == 0) {
    end_page();
  }
  return {};
}

/// What take_rows() found in the piece.
void HashScan::append_rows(std::string_view piece, BatchBuilder& out) {
  const auto num_rows = static_cast<std::int64_t>(fields_.size());
  out.column(0).append_slices(piece, fields_.data(), num_rows);
  out.column(1).append_slices(piece, values_.data(), num_rows);
  out.end_rows(num_rows);
  rows_ += num_rows;
}

/// Also notes the first field that is.
bool HashScan::is_wanted(std::string_view field) {
  if (unwanted_ && (all_unwanted_ || field == *unwanted_)) {
    all_unwanted_ = true;
    return false;
  }
  if (!has_first_field_) {
    first_field_ = field;
    has_first_field_ = true;
  }
  return true;
}

void HashScan::end_page() {
  pages_.page_ends(has_first_field_ ? std::optional<std::string_view>(first_field_) : std::nullopt);
  expected_ = Expected::reply;
  unwanted_.reset();
  all_unwanted_ = has_first_field_ = false;
}

}  // namespace daymill::redis_hash
