#include "check.hpp"

#include <algorithm>
#include <utility>

#include <daymill/kept_rows.hpp>

#include "row_expressions.hpp"
#include "sql_text.hpp"

namespace daymill::sql {
namespace {

std::string counted(std::int64_t rows) {
  return std::to_string(rows) + (rows == 1 ? " row" : " rows");
}

class CheckLane final : public Lane {
 public:
  CheckLane(Schema schema, const std::vector<Expectation>& expectations,
            std::unique_ptr<RowExpressions> conditions, std::string label, Host host)
      : schema_(std::move(schema)),
        expectations_(expectations),
        conditions_(std::move(conditions)),
        label_(std::move(label)),
        host_(host),
        misses_(expectations.size(), 0) {}

  Status process(RecordBatch in, Emitter& out) override {
    num_rows_ += in.num_rows();
    KeptRows kept(in.num_rows());
    DAYMILL_TRY(conditions_->evaluate(
        in,
        [&](std::int64_t row, sqlite3_stmt* statement) -> Status {
          for (std::size_t i = 0; i < expectations_.size(); ++i) {
            if (sqlite3_column_int(statement, static_cast<int>(i)) == 0) {
              if (Status status = miss(i, in, row, kept, out); !status.ok()) {
                return status;
              }
            }
          }
          return {};
        },
        [&](std::int64_t row, const std::string& message) {
          kept.drop(row);
          return out.reject({row, "check.failed", message});
        }));
    return kept.emit(schema_, std::move(in), out);
  }

  Status finish(Emitter& /*out*/) override {
    for (std::size_t i = 0; i < expectations_.size(); ++i) {
      const Expectation& expectation = expectations_[i];
      if (expectation.limit.share &&
          static_cast<double>(misses_[i]) >
              *expectation.limit.share * static_cast<double>(num_rows_)) {
        return Status(Code::invalid_data, missed(i) + ", allowed are " +
                                              float64_text(*expectation.limit.share * 100) + "%");
      }
      if (expectation.severity == Severity::warn && misses_[i] != 0) {
        host_.warn(missed(i));
      }
    }
    return {};
  }

 private:
  /// "check positive: 3 of 90 rows of 2026-11-22 are not: clicks > 0"
  [[nodiscard]] std::string missed(std::size_t i) const {
    return "check " + expectations_[i].name + ": " + std::to_string(misses_[i]) + " of " +
           counted(num_rows_) + " of " + label_ + " are not: " + excerpt(expectations_[i].sql);
  }

  Status miss(std::size_t i, const RecordBatch& in, std::int64_t row, KeptRows& kept,
              Emitter& out) {
    const Expectation& expectation = expectations_[i];
    ++misses_[i];
    if (expectation.severity == Severity::fail ||
        (expectation.limit.rows && misses_[i] > *expectation.limit.rows)) {
      const std::string allowed =
          expectation.severity == Severity::fail
              ? "a row is not: "
              : "more than " + counted(*expectation.limit.rows) + " are not: ";
      return Status(Code::invalid_data, "check " + expectation.name + ": " + allowed +
                                            excerpt(expectation.sql) + "; it is " +
                                            described(in, row))
          .at("partition " + label_);
    }
    if (expectation.severity == Severity::warn || !kept.keeps(row)) {
      return {};
    }
    kept.drop(row);
    const std::string reason = "check." + expectation.name;
    return out.reject({row, reason, "expected " + excerpt(expectation.sql)});
  }

  /// "ad_id 7, search_word shoes": the row's keys, or all of it when there are none.
  [[nodiscard]] std::string described(const RecordBatch& in, std::int64_t row) const {
    const bool keys_only = !schema_.with_role(Role::key).empty();
    std::string text;
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      if (keys_only && schema_.fields[i].role != Role::key) {
        continue;
      }
      text += (text.empty() ? "" : ", ") + schema_.fields[i].name + " " +
              value_text(schema_.fields[i].type, in.column(i), row);
    }
    return text;
  }

  static std::string value_text(Type type, const Column& column, std::int64_t row) {
    if (column.is_null(row)) {
      return "NULL";
    }
    switch (type) {
      case Type::boolean:
        return column.boolean(row) ? "true" : "false";
      case Type::int64:
        return std::to_string(column.int64s()[row]);
      case Type::float64:
        return float64_text(column.float64s()[row]);
      case Type::date:
        return date_text(column.dates()[row]);
      case Type::timestamp:
        return timestamp_text(column.int64s()[row]);
      case Type::text:
      case Type::binary:
        return "\"" + printable(column.bytes_at(row), 80) + "\"";
    }
    return {};
  }

  Schema schema_;
  const std::vector<Expectation>& expectations_;  // the transform's, which outlives its lanes
  std::unique_ptr<RowExpressions> conditions_;
  std::string label_;
  Host host_;
  std::vector<std::int64_t> misses_;
  std::int64_t num_rows_ = 0;
};

std::vector<Expression> expressions_of(const std::vector<Expectation>& expectations) {
  std::vector<Expression> expressions;
  for (const Expectation& expectation : expectations) {
    expressions.push_back({"check: \"" + expectation.name + "\"", expectation.sql, true});
  }
  return expressions;
}

Status refuse(const std::string& name, const std::string& problem) {
  return Status(Code::invalid_config, "check: \"" + printable(name) + "\": " + problem);
}

bool is_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Status add_expectations(const Config& config, const char* setting, Severity severity,
                        std::vector<Expectation>& expectations) {
  for (const auto& [name, sql] : config.map(setting)) {
    if (!is_name(name)) {
      return refuse(name, "expected a name of a to z, 0 to 9 and _");
    }
    for (const Expectation& other : expectations) {
      if (other.name == name) {
        return refuse(name, "found it twice, expected each name once");
      }
    }
    if (const Status status = check_expression(sql); !status.ok()) {
      return refuse(name, status.message());
    }
    expectations.push_back({name, sql, severity, {}});
  }
  return {};
}

Result<Limit> parse_limit(const std::string& name, const std::string& text) {
  Limit limit;
  if (!text.empty() && text.back() == '%') {
    const auto percent = parse_float64(std::string_view(text).substr(0, text.size() - 1));
    if (percent && *percent >= 0 && *percent <= 100) {
      limit.share = *percent / 100;
      return limit;
    }
  } else if (const auto rows = parse_int64(text); rows && *rows >= 0) {
    limit.rows = *rows;
    return limit;
  }
  return refuse(name, "found the limit \"" + printable(text) +
                          R"(", expected a number of rows, as "10", or a share, as "0.5%")");
}

Status add_limits(const Config& config, std::vector<Expectation>& expectations) {
  for (const auto& [name, text] : config.map("limits")) {
    const auto found =
        std::find_if(expectations.begin(), expectations.end(),
                     [&, wanted = name](const Expectation& e) { return e.name == wanted; });
    if (found == expectations.end() || found->severity == Severity::fail) {
      return refuse(name, "`limits` names what is neither in `reject` nor in `warn`");
    }
    DAYMILL_ASSIGN(found->limit, parse_limit(name, text));
  }
  return {};
}

}  // namespace

ConfigSpec Check::spec() {
  return ConfigSpec("Holds every row to expectations")
      .add(text_map_field("reject",
                          "Name to SQL expression; rows for which it is not true are "
                          "rejected with the reason check.<name>")
               .example(R"({"known_ad": "ad_id > 0"})"))
      .add(text_map_field("warn",
                          "Name to SQL expression; rows for which it is not true are kept "
                          "and counted in a warning")
               .example(R"({"shown_first": "clicks <= impressions"})"))
      .add(text_map_field("fail",
                          "Name to SQL expression; the first row for which it is not true "
                          "fails the load")
               .example(R"({"counted": "clicks >= 0"})"))
      .add(text_map_field("limits",
                          "Name of an expectation in reject or warn to how many rows may "
                          "miss it before the load fails: rows (\"10\") or a share of "
                          "the partition (\"0.5%\")")
               .example(R"({"known_ad": "0.1%"})"));
}

Result<std::unique_ptr<Transform>> Check::create(const Config& config, Host host) {
  std::vector<Expectation> expectations;
  DAYMILL_TRY(add_expectations(config, "fail", Severity::fail, expectations));
  DAYMILL_TRY(add_expectations(config, "reject", Severity::reject, expectations));
  DAYMILL_TRY(add_expectations(config, "warn", Severity::warn, expectations));
  if (expectations.empty()) {
    return Status(Code::invalid_config,
                  "check: found no expectation, expected one in `reject`, `warn` or `fail`");
  }
  DAYMILL_TRY(add_limits(config, expectations));
  return std::unique_ptr<Transform>(new Check(std::move(expectations), host));
}

Result<Schema> Check::bind(const Schema& in) {
  DAYMILL_TRY(RowExpressions::compile(in, expressions_of(expectations_), "", host_));
  schema_ = in;
  return in;
}

Result<std::unique_ptr<Lane>> Check::open(const Partition& partition) {
  DAYMILL_ASSIGN(auto conditions, RowExpressions::compile(schema_, expressions_of(expectations_),
                                                          partition.label, host_));
  return std::unique_ptr<Lane>(std::make_unique<CheckLane>(
      schema_, expectations_, std::move(conditions), partition.label, host_));
}

}  // namespace daymill::sql
