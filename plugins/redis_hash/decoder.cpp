#include "decoder.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decimal.hpp"

namespace daymill::redis_hash {
namespace {

constexpr std::int64_t kNoCount = -1;

struct Problem {
  const char* reason = nullptr;  // null: there is none
  std::string_view found;
  const char* expected = "";
};

std::string_view all_bytes(const Column& column) {
  const std::int32_t* const ends = column.offsets();
  return {column.bytes() + ends[0], static_cast<std::size_t>(ends[column.length()] - ends[0])};
}

/// No NUL, and every value on its own valid UTF-8: the usual case, cheaper to find out for all
/// values at once. They are valid when they are so one behind the other and none begins within a
/// character.
bool is_plain_text(const Column& values) {
  const std::int64_t num_rows = values.length();
  if (num_rows == 0) {
    return true;
  }
  const std::int32_t* offsets = values.offsets();
  const std::string_view all = all_bytes(values);
  bool within_character = false;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    within_character |= offsets[row] < offsets[row + 1] &&
                        (static_cast<unsigned char>(values.bytes()[offsets[row]]) & 0xC0u) == 0x80u;
  }
  return !within_character && all.find('\0') == std::string_view::npos &&
         simdjson::validate_utf8(all.data(), all.size());
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
    begin(in.column(0));
    for (std::size_t i = 0; i < num_columns_; ++i) {
      if (columns_[i].type == Type::text) {
        parse_texts(i);
      } else {
        parse_numbers(i);
      }
    }
    parse_counts(in.column(1));
    if (!problems_.empty()) {
      DAYMILL_TRY(reject_rows(out));
    }
    if (rests_.empty()) {
      return {};
    }
    append(static_cast<std::int64_t>(rests_.size()));
    return out.emit(builder_.finish());
  }

 private:
  /// Of one column, what has been parsed: row by row, the one or the other.
  struct Parsed {
    std::vector<std::int64_t> numbers;
    std::vector<std::string_view> texts;
  };

  void begin(const Column& fields) {
    fields_ = &fields;
    all_fields_ = all_bytes(fields);
    plain_text_ = is_plain_text(fields);
    problems_.clear();
    const auto rows = static_cast<std::size_t>(fields.length());
    rests_.resize(rows);
    counts_.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      rests_[row] = field_at(row);
    }
    for (std::size_t i = 0; i < num_columns_; ++i) {
      if (columns_[i].type == Type::text) {
        parsed_[i].texts.resize(rows);
      } else {
        parsed_[i].numbers.resize(rows);
      }
    }
  }

  [[nodiscard]] std::string_view field_at(std::size_t row) const {
    return fields_->bytes_at(static_cast<std::int64_t>(row));
  }

  void parse_numbers(std::size_t i) {
    const char* const readable_end = all_fields_.data() + all_fields_.size();
    const std::string_view separator = columns_[i].separator;
    std::vector<std::int64_t>& numbers = parsed_[i].numbers;
    for (std::size_t row = 0; row < rests_.size(); ++row) {
      if (!take_number(rests_[row], separator, readable_end, numbers[row])) {
        parse_number(row, i, numbers[row]);
      }
    }
  }

  void parse_texts(std::size_t i) {
    for (std::size_t row = 0; row < rests_.size(); ++row) {
      std::string_view text;
      if (!take_piece(row, i, text)) {
        continue;
      }
      if (!plain_text_ || text.size() > kMaxTextBytes) {
        note(row, problem_of_text(text));
      }
      parsed_[i].texts[row] = text;
    }
  }

  void parse_number(std::size_t row, std::size_t i, std::int64_t& number) {
    std::string_view text;
    if (!take_piece(row, i, text)) {
      return;
    }
    if (const std::optional<std::int64_t> parsed = parse_int64(text)) {
      number = *parsed;
    } else {
      note(row, {"field.not_integer", text, "an int64 in plain decimal digits"});
    }
  }

  /// What belongs to the column off the front of the row's rest. False: there is a problem, noted.
  bool take_piece(std::size_t row, std::size_t i, std::string_view& piece) {
    const FieldPattern::Column& column = columns_[i];
    std::string_view& rest = rests_[row];
    const bool last = i + 1 == num_columns_;
    piece = rest;
    if (!last) {
      const std::size_t end = rest.find(column.separator);
      if (end == std::string_view::npos) {
        note(row, {"field.no_separator", field_at(row), "the separators of the field pattern"});
        return false;
      }
      piece = rest.substr(0, end);
      rest.remove_prefix(end + column.separator.size());
    }
    if (piece.empty() && !(last && column.type == Type::text)) {
      note(row, {"field.empty", field_at(row), "no empty column but a text at the end"});
      return false;
    }
    return true;
  }

  void parse_counts(const Column& values) {
    const std::string_view all = all_bytes(values);
    const char* const readable_end = all.data() + all.size();
    for (std::size_t row = 0; row < counts_.size(); ++row) {
      const std::string_view text = values.bytes_at(static_cast<std::int64_t>(row));
      if (text.empty() || leading_number(text, readable_end, counts_[row]) != text.size()) {
        parse_count(row, text);
      }
    }
  }

  void parse_count(std::size_t row, std::string_view text) {
    const std::optional<std::int64_t> count = parse_int64(text);
    if (count && *count >= 0) {
      counts_[row] = *count;
    } else {
      counts_[row] = kNoCount;
      note(row, problem_of_count(text));
    }
  }

  /// The first problem of a row is the one that is told.
  void note(std::size_t row, const Problem& problem) {
    if (problem.reason == nullptr) {
      return;
    }
    problems_.resize(rests_.size());
    if (problems_[row].reason == nullptr) {
      problems_[row] = problem;
    }
  }

  /// The rows with problems; what was parsed of the others moves together.
  Status reject_rows(Emitter& out) {
    std::size_t kept = 0;
    for (std::size_t row = 0; row < problems_.size(); ++row) {
      if (problems_[row].reason != nullptr) {
        DAYMILL_TRY(reject(row, out));
        continue;
      }
      counts_[kept] = counts_[row];
      for (std::size_t i = 0; i < num_columns_; ++i) {
        if (columns_[i].type == Type::text) {
          parsed_[i].texts[kept] = parsed_[i].texts[row];
        } else {
          parsed_[i].numbers[kept] = parsed_[i].numbers[row];
        }
      }
      ++kept;
    }
    rests_.resize(kept);
    return {};
  }

  /// What has been parsed; the other measures are null throughout.
  void append(std::int64_t rows) {
    for (std::size_t i = 0; i < num_columns_; ++i) {
      if (columns_[i].type == Type::text) {
        builder_.column(i).append_slices(all_fields_, parsed_[i].texts.data(), rows);
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

  Status reject(std::size_t row, Emitter& out) {
    const Problem& problem = problems_[row];
    const std::string message =
        "found \"" + printable(problem.found, 80) + "\", expected " + problem.expected;
    Rejection rejection;
    rejection.row = static_cast<std::int64_t>(row);
    rejection.reason = problem.reason;
    rejection.message = message;
    if (counts_[row] != kNoCount) {
      rejection.measure = static_cast<std::int32_t>(num_columns_ + measure_);
      rejection.amount = counts_[row];
    }
    return out.reject(rejection);
  }

  std::vector<FieldPattern::Column> columns_;
  std::size_t num_columns_;
  std::size_t measures_;
  std::size_t measure_;
  BatchBuilder builder_;
  // Of the batch at hand:
  const Column* fields_ = nullptr;
  std::string_view all_fields_;          // one behind the other
  bool plain_text_ = false;              // is_plain_text()
  std::vector<std::string_view> rests_;  // of each field, what is not parsed yet
  std::vector<Parsed> parsed_;           // in the end of all rows but the rejected ones
  std::vector<std::int64_t> counts_;     // likewise; kNoCount: it is none
  std::vector<Problem> problems_;        // of each row; empty: there is none
};

}  // namespace

std::unique_ptr<Lane> make_decoder(const Settings& settings, std::size_t measure) {
  return std::make_unique<Decoder>(settings, measure);
}

}  // namespace daymill::redis_hash
