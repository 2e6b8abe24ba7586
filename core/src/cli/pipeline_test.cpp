#include "cli/pipeline_test.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/session.hpp"
#include "daymill/value.hpp"
#include "pipeline/config_resolution.hpp"
#include "pipeline/json_excerpt.hpp"
#include "run/json_rows.hpp"

namespace daymill {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kTolerance = 1e-9;  // of float64 values, relative
constexpr char kSuffix[] = ".test.json";

/// Reads the members of one JSON object, each with its type.
class ObjectReader {
 public:
  ObjectReader(const JsonDocument& document, std::string pointer, Findings& findings)
      : document_(document), pointer_(std::move(pointer)), findings_(findings) {}

  /// Null when it is absent or of another type; both are findings, the first only if required.
  const Json* member(const char* key, Json::value_t type, const char* expected, bool required) {
    const std::string pointer = member_pointer(pointer_, key);
    const Json* value = document_.at(pointer);
    if (value == nullptr && required) {
      report(pointer_, "test.missing_key", in_quotes(key) + " is missing", expected);
    } else if (value != nullptr && value->type() != type) {
      report(pointer, "test.wrong_type", in_quotes(key) + " has the wrong type", expected);
      return nullptr;
    }
    return value;
  }
  std::string text(const char* key, const char* expected, bool required) {
    const Json* value = member(key, Json::value_t::string, expected, required);
    return value == nullptr ? "" : value->get<std::string>();
  }
  void report(const std::string& pointer, const char* code, const std::string& message,
              const std::string& expected) {
    Finding finding = finding_at_value(document_, pointer, code, message);
    finding.expected = expected;
    findings_.push_back(std::move(finding));
  }

 private:
  const JsonDocument& document_;
  std::string pointer_;
  Findings& findings_;
};

PipelineTestCase read_case(const JsonDocument& document, const std::string& pointer,
                           Findings& findings) {
  PipelineTestCase test;
  test.pointer = pointer;
  ObjectReader reader(document, pointer, findings);
  if (!document.at(pointer)->is_object()) {
    reader.report(pointer, "test.wrong_type", "a test has the wrong type", "an object");
    return test;
  }
  refuse_unknown_keys(document, pointer, {"name", "date", "input", "output", "rejects", "error"},
                      findings);
  test.name = reader.text("name", "a text: what is shown here", true);
  test.date = reader.text("date", "a date, as in \"2026-11-22\"", true);
  if (!test.date.empty() && !parse_date(test.date)) {
    reader.report(pointer + "/date", "test.date", "this is no date", "as in \"2026-11-22\"");
  }
  test.error = reader.text("error", "a text that the message holds", false);
  const auto read = [&](const char* key, Json::value_t type, const char* expected, bool required) {
    const Json* value = reader.member(key, type, expected, required);
    return value == nullptr ? Json(type) : *value;
  };
  test.in = read("input", Json::value_t::object, "an object: split to list of raw rows", true);
  for (const auto& [split, rows] : test.in.items()) {
    if (!rows.is_array()) {
      reader.report(member_pointer(pointer + "/input", split), "test.wrong_type",
                    "the rows of split " + in_quotes(split) + " have the wrong type",
                    "a list of rows");
    }
  }
  test.out = read("output", Json::value_t::array, "a list of rows", test.error.empty());
  test.rejects =
      read("rejects", Json::value_t::array, R"(a list of {"raw": ..., "reason": ...})", false);
  return test;
}

bool equal_values(const Json& expected, const Json& found) {
  if (expected.is_number() && found.is_number_float()) {
    const double a = expected.get<double>();
    const double b = found.get<double>();
    return a == b || std::abs(a - b) <= kTolerance * std::max(std::abs(a), std::abs(b));
  }
  return expected == found;
}

/// Two rows with the columns that differ; a column that is left out is null.
std::string difference_of(const Schema& schema, const Json& expected, const Json& found) {
  static const Json null;
  std::string text;
  for (const Field& field : schema.fields) {
    const Json& wanted = expected.contains(field.name) ? expected[field.name] : null;
    if (!equal_values(wanted, found[field.name])) {
      text += "      " + field.name + ": expected " + wanted.dump() + ", found " +
              found[field.name].dump() + "\n";
    }
  }
  return text;
}

bool same_key(const Schema& schema, const Json& a, const Json& b) {
  const std::vector<std::size_t> keys = schema.with_role(Role::key);
  return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](std::size_t index) {
    const std::string& name = schema.fields[index].name;
    return a.contains(name) && b.contains(name) && a[name] == b[name];
  });
}

std::string key_text(const Schema& schema, const Json& row) {
  std::string text;
  for (const std::size_t index : schema.with_role(Role::key)) {
    const std::string& name = schema.fields[index].name;
    text += (text.empty() ? "" : ", ") + name + " " + row[name].dump();
  }
  return text;
}

/// Takes equal rows out of both lists, then names what is left: changed, missing, unexpected.
std::string compare_rows(const Schema& schema, std::vector<Json> expected,
                         std::vector<Json> found) {
  for (auto row = expected.begin(); row != expected.end();) {
    const auto same = std::find_if(found.begin(), found.end(), [&](const Json& other) {
      return difference_of(schema, *row, other).empty();
    });
    if (same == found.end()) {
      ++row;
      continue;
    }
    found.erase(same);
    row = expected.erase(row);
  }
  std::string text;
  for (const Json& row : expected) {
    const auto changed = std::find_if(found.begin(), found.end(), [&](const Json& other) {
      return same_key(schema, row, other);
    });
    if (changed == found.end()) {
      text += "    missing row " + row.dump() + "\n";
      continue;
    }
    text += "    row " + key_text(schema, row) + "\n" + difference_of(schema, row, *changed);
    found.erase(changed);
  }
  for (const Json& row : found) {
    text += "    unexpected row " + row.dump() + "\n";
  }
  return text;
}

/// An expected reject names what it cares for: raw, reason, split.
bool is_reject(const Json& expected, const RejectRow& found) {
  const auto agrees = [&](const char* key, const std::string& value) {
    return !expected.contains(key) || expected[key] == value;
  };
  return expected.is_object() && agrees("raw", printable(found.raw, found.raw.size() * 4)) &&
         agrees("reason", found.reason) && agrees("split", found.split);
}

std::string compare_rejects(const Json& expected, std::vector<RejectRow> found) {
  std::string text;
  for (const Json& reject : expected) {
    const auto same = std::find_if(found.begin(), found.end(),
                                   [&](const RejectRow& row) { return is_reject(reject, row); });
    if (same == found.end()) {
      text += "    missing reject " + reject.dump() + "\n";
    } else {
      found.erase(same);
    }
  }
  for (const RejectRow& row : found) {
    text += "    unexpected reject \"" + printable(row.raw) + "\" of " + row.split + " (" +
            row.reason + "): " + row.message + "\n";
  }
  return text;
}

Result<std::vector<TrialSplit>> input_of(const Schema& raw, const PipelineTestCase& test) {
  std::vector<TrialSplit> splits;
  for (const auto& [split, rows] : test.in.items()) {
    TrialSplit input{split, {}};
    BatchBuilder batch(raw);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (Status status = append_json_row(raw, rows[i], batch, Absent::zero); !status.ok()) {
        return std::move(status).at("input row " + std::to_string(i + 1) + " of split " + split);
      }
    }
    input.rows.push_back(batch.finish());
    splits.push_back(std::move(input));
  }
  return splits;
}

Result<Trial> try_case(BoundPipeline& pipeline, const PipelineTestCase& test) {
  DAYMILL_ASSIGN(const std::vector<TrialSplit> splits, input_of(pipeline.raw_schema, test));
  DAYMILL_ASSIGN(const CivilDay day, CivilDay::parse(test.date));
  DAYMILL_ASSIGN(const Partition partition, Session::partition(pipeline.definition, day));
  return try_rows(pipeline, partition, splits);
}

/// The expected rows, each checked against the columns that there are.
Result<std::vector<Json>> expected_rows(const Schema& schema, const Json& rows) {
  std::vector<Json> expected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    BatchBuilder row(schema);
    if (Status status = append_json_row(schema, rows[i], row); !status.ok()) {
      return std::move(status).at("output row " + std::to_string(i + 1));
    }
    const RecordBatch batch = row.finish();
    expected.push_back(json_row(schema, batch, 0));
  }
  return expected;
}

}  // namespace

PipelineTestFile load_pipeline_test(const std::string& file) {
  PipelineTestFile tests;
  tests.file = file;
  std::ifstream stream(file, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  if (!stream) {
    Finding finding;
    finding.code = "file.unreadable";
    finding.file = file;
    finding.message = "cannot read the test file";
    tests.findings.push_back(std::move(finding));
    return tests;
  }
  const JsonDocument document = parse_json(file, content.str(), tests.findings);
  if (!document.root().is_object()) {
    if (tests.findings.empty()) {
      ObjectReader(document, "", tests.findings)
          .report("", "test.wrong_type", "this is not a test file", "a JSON object");
    }
    return tests;
  }
  refuse_unknown_keys(document, "", {"$schema", "pipeline", "variables", "tests"}, tests.findings);
  ObjectReader reader(document, "", tests.findings);
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::string pipeline = reader.text("pipeline", "a pipeline file, seen from this one", false);
  if (pipeline.empty()) {
    pipeline = std::filesystem::path(file).filename().string();
    if (pipeline.size() > sizeof kSuffix && pipeline.ends_with(kSuffix)) {
      pipeline.resize(pipeline.size() - (sizeof kSuffix - 1));
    }
    pipeline += ".json";
  }
  tests.pipeline = (folder / pipeline).string();
  if (const Json* variables =
          reader.member("variables", Json::value_t::object, "an object of texts", false)) {
    for (const auto& [name, value] : variables->items()) {
      if (value.is_string()) {
        tests.variables[name] = value.get<std::string>();
      } else {
        reader.report(member_pointer("/variables", name), "test.wrong_type",
                      in_quotes(name) + " has the wrong type", "a text");
      }
    }
  }
  if (const Json* cases = reader.member("tests", Json::value_t::array, "a list of objects", true)) {
    for (std::size_t i = 0; i < cases->size(); ++i) {
      tests.cases.push_back(read_case(document, item_pointer("/tests", i), tests.findings));
    }
    if (cases->empty()) {
      reader.report("/tests", "test.empty", "there is no test", "at least one");
    }
  }
  sort_by_place(tests.findings);
  return tests;
}

std::string run_pipeline_test(BoundPipeline& pipeline, const PipelineTestCase& test) {
  const auto failure = [](const Status& status) {
    return "    " + status.message() + (status.where().empty() ? "" : " (" + status.where() + ")") +
           "\n" + (status.next().empty() ? "" : "    next  " + status.next() + "\n");
  };
  const auto trial = try_case(pipeline, test);
  if (!test.error.empty()) {
    if (trial.ok()) {
      return "    expected an error that says \"" + test.error + "\", found none\n";
    }
    return trial.status().message().find(test.error) != std::string::npos
               ? ""
               : "    expected an error that says \"" + test.error + "\", found:\n" +
                     failure(trial.status());
  }
  if (!trial.ok()) {
    return failure(trial.status());
  }
  auto expected = expected_rows(pipeline.out_schema, test.out);
  if (!expected.ok()) {
    return failure(expected.status());
  }
  std::vector<Json> found;
  for (const RecordBatch& batch : trial->rows) {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      found.push_back(json_row(pipeline.out_schema, batch, row));
    }
  }
  return compare_rows(pipeline.out_schema, std::move(expected).value(), std::move(found)) +
         compare_rejects(test.rejects, trial->rejects);
}

}  // namespace daymill
