#include "decoder.hpp"

#include <cstdint>
#include <cstring>
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

/// ASCII without NUL, the usual case, eight bytes at a time.
bool is_plain_ascii(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080u;
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if (((word | (word - kOnes)) & kHigh) != 0) {
      return false;
    }
  }
  for (; left > 0; ++at, --left) {
    if (static_cast<signed char>(*at) <= 0) {
      return false;
    }
  }
  return true;
}

Problem check_text(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return {"field.too_long", text, "at most 1024 bytes"};
  }
  if (is_plain_ascii(text)) {
    return {};
  }
  if (text.find('\0') != std::string_view::npos) {
    return {"field.nul", text, "text without NUL"};
  }
  return is_utf8(text) ? Problem{} : Problem{"field.not_utf8", text, "valid UTF-8"};
}

/// Counts are 0 ... 2^63-1 in canonical decimal.
Problem parse_count(std::string_view text, std::int64_t& count) {
  const std::optional<std::int64_t> value = parse_int64(text);
  if (value && *value >= 0) {
    count = *value;
    return {};
  }
  const bool digits = !text.empty() && text.front() != '0' &&
                      text.find_first_not_of("0123456789") == std::string_view::npos;
  return {digits ? "value.too_large" : "value.not_count", text,
          "a count from 0 to 9223372036854775807 in plain decimal digits"};
}

class Decoder final : public Lane {
 public:
  Decoder(const Settings& settings, std::size_t measure)
      : columns_(settings.pattern.columns),
        measures_(settings.measures.size()),
        measure_(measure),
        builder_(settings.typed_schema()),
        parsed_(columns_.size()) {
    for (std::size_t i = 0; i < builder_.num_columns(); ++i) {
      out_.push_back(&builder_.column(i));
    }
  }

  Status process(RecordBatch in, Emitter& out) override {
    const Column& fields = in.column(0);
    const Column& values = in.column(1);
    for (std::int64_t row = 0; row < in.num_rows(); ++row) {
      std::int64_t count = 0;
      const Problem in_value = parse_count(values.bytes_at(row), count);
      const Problem in_field = parse_field(fields.bytes_at(row));
      if (in_field.reason == nullptr && in_value.reason == nullptr) {
        append(count);
      } else {
        const bool counts = in_value.reason == nullptr;
        DAYMILL_TRY(reject(row, in_field.reason != nullptr ? in_field : in_value,
                           counts ? std::optional(count) : std::nullopt, out));
      }
    }
    if (builder_.num_rows() == 0) {
      return {};
    }
    for (std::size_t i = 0; i < measures_; ++i) {
      if (i != measure_) {
        out_[columns_.size() + i]->append_nulls(builder_.num_rows());
      }
    }
    return out.emit(builder_.finish());
  }

 private:
  union Parsed {
    std::int64_t number = 0;
    struct {
      const char* data;
      std::size_t size;
    } text;
  };

  Problem parse_field(std::string_view field) {
    std::string_view rest = field;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const FieldPattern::Column& column = columns_[i];
      const bool last = i + 1 == columns_.size();
      std::string_view text = rest;
      if (!last) {
        const std::size_t end = column.separator.size() == 1 ? rest.find(column.separator[0])
                                                             : rest.find(column.separator);
        if (end == std::string_view::npos) {
          return {"field.no_separator", field, "the separators of the field pattern"};
        }
        text = rest.substr(0, end);
        rest.remove_prefix(end + column.separator.size());
      }
      if (text.empty() && !(last && column.type == Type::text)) {
        return {"field.empty", field, "no empty column but a text at the end"};
      }
      if (const Problem problem = parse_column(column.type, text, parsed_[i]);
          problem.reason != nullptr) {
        return problem;
      }
    }
    return {};
  }

  static Problem parse_column(Type type, std::string_view text, Parsed& parsed) {
    if (type == Type::text) {
      parsed.text = {text.data(), text.size()};
      return check_text(text);
    }
    const std::optional<std::int64_t> number = parse_int64(text);
    parsed.number = number.value_or(0);
    return number ? Problem{}
                  : Problem{"field.not_integer", text, "an int64 in plain decimal digits"};
  }

  /// All columns but those of the other measures, which are null throughout.
  void append(std::int64_t count) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].type == Type::text) {
        out_[i]->append_bytes({parsed_[i].text.data, parsed_[i].text.size});
      } else {
        out_[i]->append_int64(parsed_[i].number);
      }
    }
    out_[columns_.size() + measure_]->append_int64(count);
    builder_.end_row();
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
      rejection.measure = static_cast<std::int32_t>(columns_.size() + measure_);
      rejection.amount = *amount;
    }
    return out.reject(rejection);
  }

  std::vector<FieldPattern::Column> columns_;
  std::size_t measures_;
  std::size_t measure_;
  BatchBuilder builder_;
  std::vector<ColumnBuilder*> out_;  // builder_'s
  std::vector<Parsed> parsed_;       // of the row at hand
};

}  // namespace

std::unique_ptr<Lane> make_decoder(const Settings& settings, std::size_t measure) {
  return std::make_unique<Decoder>(settings, measure);
}

}  // namespace daymill::redis_hash
