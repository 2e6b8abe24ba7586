#include "decoder.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daymill::redis_hash {
namespace {

struct Problem {
  const char* reason = nullptr;  // null: there is none
  std::string_view found;
  const char* expected = "";
};

/// No NUL, and every value on its own valid UTF-8: the usual case, cheaper to find out for all
/// values at once. They are valid when they are so one behind the other and none begins within a
/// character.
bool is_plain_text(const Column& values) {
  const std::int64_t num_rows = values.length();
  if (num_rows == 0) {
    return true;
  }
  const std::int32_t* offsets = values.offsets();
  const std::string_view all(values.bytes() + offsets[0],
                             static_cast<std::size_t>(offsets[num_rows] - offsets[0]));
  bool within_character = false;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    within_character |= offsets[row] < offsets[row + 1] &&
                        (static_cast<unsigned char>(values.bytes()[offsets[row]]) & 0xC0u) == 0x80u;
  }
  return !within_character && all.find('\0') == std::string_view::npos &&
         simdjson::validate_utf8(all.data(), all.size());
}

/// Of a number of at least 0 in canonical decimal that the text begins with: how many digits it
/// has. 0: there is none, or a longer one, or another.
std::size_t leading_number(std::string_view text, std::int64_t& number) {
  constexpr std::size_t kMostDigits = std::numeric_limits<std::int64_t>::digits10;
  std::int64_t value = 0;
  std::size_t at = 0;
  for (; at < text.size() && at < kMostDigits && text[at] >= '0' && text[at] <= '9'; ++at) {
    value = value * 10 + (text[at] - '0');
  }
  number = value;
  const bool canonical = at == 1 || (at != 0 && text[0] != '0');
  return canonical && (at < kMostDigits || at == text.size()) ? at : 0;
}

/// Takes such a number and the separator behind it off the front, in one go. False: look again.
bool take_number(std::string_view& rest, std::string_view separator, std::int64_t& number) {
  const std::size_t digits = leading_number(rest, number);
  if (digits == 0 || separator.size() != 1 || digits == rest.size() ||
      rest[digits] != separator[0]) {
    return false;
  }
  rest.remove_prefix(digits + 1);
  return true;
}

/// A count, 0 ... 2^63-1 in canonical decimal.
std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t number = 0;
  if (!text.empty() && leading_number(text, number) == text.size()) {
    return number;
  }
  const std::optional<std::int64_t> slowly = parse_int64(text);
  return slowly && *slowly >= 0 ? slowly : std::nullopt;
}

Problem problem_of_text(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return {"field.too_long", text, "at most 1024 bytes"};
  }
  if (text.find('\0') != std::string_view::npos) {
    return {"field.nul", text, "text without NUL"};
  }
  return is_utf8(text) ? Problem{} : Problem{"field.not_utf8", text, "valid UTF-8"};
}

/// Of a text that is no count, 0 ... 2^63-1 in canonical decimal.
Problem problem_of_count(std::string_view text) {
  const bool digits = !text.empty() && text.front() != '0' &&
                      text.find_first_not_of("0123456789") == std::string_view::npos;
  return {digits ? "value.too_large" : "value.not_count", text,
          "a count from 0 to 9223372036854775807 in plain decimal digits"};
}

class Decoder final : public Lane {
 public:
  Decoder(const Settings& settings, std::size_t measure)
      : columns_(settings.pattern.columns),
        num_columns_(columns_.size()),
        measures_(settings.measures.size()),
        measure_(measure),
        builder_(settings.typed_schema()),
        parsed_(columns_.size()) {}

  Status process(RecordBatch in, Emitter& out) override {
    const Column& fields = in.column(0);
    const Column& values = in.column(1);
    plain_text_ = is_plain_text(fields);
    make_room(static_cast<std::size_t>(in.num_rows()));
    std::size_t rows = 0;
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      const std::optional<std::int64_t> count = parse_count(values.bytes_at(row));
      if (parse_field(fields.bytes_at(row), rows) && count) {
        counts_[rows++] = *count;
      } else {
        const bool in_field = problem_.reason != nullptr;
        DAYMILL_TRY(
            reject(row, in_field ? problem_ : problem_of_count(values.bytes_at(row)), count, out));
        problem_ = {};
      }
    }
    if (rows == 0) {
      return {};
    }
    append(static_cast<std::int64_t>(rows));
    return out.emit(builder_.finish());
  }

 private:
  /// Of one column, what has been parsed: row by row, the one or the other.
  struct Parsed {
    std::vector<std::int64_t> numbers;
    std::vector<std::string_view> texts;
  };

  void make_room(std::size_t rows) {
    if (rows <= counts_.size()) {
      return;
    }
    counts_.resize(rows);
    for (std::size_t i = 0; i < num_columns_; ++i) {
      if (columns_[i].type == Type::text) {
        parsed_[i].texts.resize(rows);
      } else {
        parsed_[i].numbers.resize(rows);
      }
    }
  }

  /// Its columns to `place` of parsed_. False: problem_ says why.
  bool parse_field(std::string_view field, std::size_t place) {
    std::string_view rest = field;
    for (std::size_t i = 0; i < num_columns_; ++i) {
      const FieldPattern::Column& column = columns_[i];
      if (column.type == Type::int64 &&
          take_number(rest, column.separator, parsed_[i].numbers[place])) {
        continue;
      }
      const bool last = i + 1 == num_columns_;
      std::string_view text = rest;
      if (!last) {
        const std::size_t end = rest.find(column.separator);
        if (end == std::string_view::npos) {
          problem_ = {"field.no_separator", field, "the separators of the field pattern"};
          return false;
        }
        text = rest.substr(0, end);
        rest.remove_prefix(end + column.separator.size());
      }
      if (text.empty() && !(last && column.type == Type::text)) {
        problem_ = {"field.empty", field, "no empty column but a text at the end"};
        return false;
      }
      if (!(column.type == Type::text ? parse_text(text, parsed_[i].texts[place])
                                      : parse_number(text, parsed_[i].numbers[place]))) {
        return false;
      }
    }
    return true;
  }

  bool parse_text(std::string_view text, std::string_view& parsed) {
    parsed = text;
    if (plain_text_ && text.size() <= kMaxTextBytes) {
      return true;
    }
    problem_ = problem_of_text(text);
    return problem_.reason == nullptr;
  }

  bool parse_number(std::string_view text, std::int64_t& parsed) {
    const std::optional<std::int64_t> number = parse_int64(text);
    if (!number) {
      problem_ = {"field.not_integer", text, "an int64 in plain decimal digits"};
      return false;
    }
    parsed = *number;
    return true;
  }

  /// What has been parsed; the other measures are null throughout.
  void append(std::int64_t rows) {
    for (std::size_t i = 0; i < num_columns_; ++i) {
      if (columns_[i].type == Type::text) {
        builder_.column(i).append_bytes(parsed_[i].texts.data(), rows);
      } else {
        builder_.column(i).append_int64s(parsed_[i].numbers.data(), rows);
      }
    }
    for (std::size_t i = 0; i < measures_; ++i) {
      if (i == measure_) {
        builder_.column(num_columns_ + i).append_int64s(counts_.data(), rows);
      } else {
        builder_.column(num_columns_ + i).append_nulls(rows);
      }
    }
    builder_.end_rows(rows);
  }

  Status reject(std::int64_t row, const Problem& problem, std::optional<std::int64_t> amount,
                Emitter& out) {
    const std::string message =
        "found \"" + printable(problem.found, 80) + "\", expected " + problem.expected;
    Rejection rejection;
    rejection.row = row;
    rejection.reason = problem.reason;
    rejection.message = message;
    if (amount) {
      rejection.measure = static_cast<std::int32_t>(num_columns_ + measure_);
      rejection.amount = *amount;
    }
    return out.reject(rejection);
  }

  std::vector<FieldPattern::Column> columns_;
  std::size_t num_columns_;
  std::size_t measures_;
  std::size_t measure_;
  BatchBuilder builder_;
  bool plain_text_ = false;           // of the batch at hand: is_plain_text()
  std::vector<Parsed> parsed_;        // of its rows but the rejected ones
  std::vector<std::int64_t> counts_;  // likewise
  Problem problem_;                   // of the row at hand
};

}  // namespace

std::unique_ptr<Lane> make_decoder(const Settings& settings, std::size_t measure) {
  return std::make_unique<Decoder>(settings, measure);
}

}  // namespace daymill::redis_hash
