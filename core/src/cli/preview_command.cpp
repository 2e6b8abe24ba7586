// daymill preview: a few rows of a day as they would land; nothing is loaded or removed
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "daymill/value.hpp"
#include "observe/run_report.hpp"
#include "run/cancellation.hpp"
#include "run/json_rows.hpp"
#include "run/trial.hpp"
#include "schedule/day_window.hpp"

namespace daymill {

namespace {

/// Of every split so many rows are read at least, so that rows of one key are likely to meet.
constexpr std::int64_t kReadAtLeast = 10'000;
constexpr std::size_t kWidestCell = 40;
constexpr std::size_t kRejectsShown = 3;

struct PreviewOptions {
  std::string pipeline;
  std::string date;
  std::int64_t rows = 10;
  std::string test;  // file to write
};

struct Preview {
  Partition partition;
  std::vector<TrialSplit> input;
  Trial trial;
  bool whole = true;  // every split was read to its end
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
};

/// At most `count` rows of a batch.
RecordBatch first_of(const Schema& schema, RecordBatch batch, std::int64_t count) {
  if (batch.num_rows() <= count) {
    return batch;
  }
  BatchBuilder first(schema);
  for (std::int64_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      first.column(i).append_from(batch.column(i), row);
    }
    first.end_row();
  }
  return first.finish();
}

Result<TrialSplit> read_beginning(BoundPipeline& pipeline, const Partition& partition,
                                  const Split& split, std::int64_t limit, bool& whole) {
  DAYMILL_ASSIGN(const std::unique_ptr<Reader> reader, pipeline.source->open(partition, split));
  TrialSplit read{split.id, {}};
  BatchBuilder page(pipeline.raw_schema);
  std::int64_t rows = 0;
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    if (rows >= limit) {
      whole = false;
      break;
    }
    if (cancellation::requested()) {
      return cancellation::status();
    }
    DAYMILL_ASSIGN(state, reader->read(page));
    RecordBatch batch = first_of(pipeline.raw_schema, page.finish(), limit - rows);
    rows += batch.num_rows();
    read.rows.push_back(std::move(batch));
  }
  return read;
}

/// Rows in the order of their keys, as JSON.
nlohmann::ordered_json first_rows(const Schema& schema, const Trial& trial, std::int64_t limit) {
  std::vector<nlohmann::ordered_json> rows;
  for (const RecordBatch& batch : trial.rows) {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      rows.push_back(json_row(schema, batch, row));
    }
  }
  std::vector<std::string> keys;
  for (const std::size_t index : schema.with_role(Role::key)) {
    keys.push_back(schema.fields[index].name);
  }
  std::sort(rows.begin(), rows.end(), [&keys](const auto& a, const auto& b) {
    for (const std::string& key : keys) {
      if (a[key] != b[key]) {
        return a[key] < b[key];
      }
    }
    return false;
  });
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(limit)));
  return rows;
}

Result<Preview> make_preview(BoundPipeline& pipeline, const PreviewOptions& options) {
  DAYMILL_ASSIGN(const TimeZone zone, TimeZone::named(pipeline.definition.partition.timezone));
  CivilDay day = newest_closed(zone, pipeline.definition.partition.closed_after, current_instant());
  if (!options.date.empty()) {
    DAYMILL_ASSIGN(day, CivilDay::parse(options.date));
  }
  Preview preview;
  DAYMILL_ASSIGN(preview.partition, day_partition(day, zone));
  DAYMILL_ASSIGN(const std::vector<Split> splits, pipeline.source->plan(preview.partition));
  // A test holds all that is read, so it takes no more than is shown.
  const std::int64_t limit =
      options.test.empty() ? std::max(options.rows, kReadAtLeast) : options.rows;
  for (const Split& split : splits) {
    if (split.present) {
      DAYMILL_ASSIGN(TrialSplit rows,
                     read_beginning(pipeline, preview.partition, split, limit, preview.whole));
      preview.input.push_back(std::move(rows));
    }
  }
  DAYMILL_ASSIGN(preview.trial, try_rows(pipeline, preview.partition, preview.input));
  const std::int64_t shown =
      options.test.empty() ? options.rows : std::numeric_limits<std::int64_t>::max();
  preview.rows = first_rows(pipeline.out_schema, preview.trial, shown);
  return preview;
}

std::string cell_text(const nlohmann::ordered_json& value) {
  return value.is_null()     ? ""
         : value.is_string() ? printable(value.get_ref<const std::string&>(), kWidestCell)
                             : value.dump();
}

std::string preview_text(const Schema& schema, const Preview& preview) {
  std::vector<std::vector<std::string>> cells(1);
  for (const Field& field : schema.fields) {
    cells[0].push_back(field.name);
  }
  for (const auto& row : preview.rows) {
    cells.emplace_back();
    for (const auto& [name, value] : row.items()) {
      cells.back().push_back(cell_text(value));
    }
  }
  return table_text(cells);
}

std::string summary_text(const Preview& preview) {
  const LoadTotals& totals = preview.trial.totals;
  std::string text =
      preview.partition.label + ": " + grouped(totals.rows_read) + " rows of " +
      std::to_string(preview.input.size()) + (preview.input.size() == 1 ? " split" : " splits") +
      " read" + (preview.whole ? "" : ", the beginning only, so counts may be too low") + "; " +
      grouped(totals.rows_out) + " rows come out, " + grouped(totals.rows_filtered) +
      " filtered, " + std::to_string(preview.trial.rejects.size()) + " rejected\n";
  for (std::size_t i = 0; i < preview.trial.rejects.size() && i < kRejectsShown; ++i) {
    const RejectRow& reject = preview.trial.rejects[i];
    text += "  rejected \"" + printable(reject.raw, 80) + "\" (" + reject.reason +
            "): " + reject.message + "\n";
  }
  return text + "nothing was loaded, nothing removed\n";
}

/// What was read and what came of it, as a test that passes until the pipeline changes its mind.
Status write_test(const BoundPipeline& pipeline, const Preview& preview, const std::string& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    return Status(Code::invalid_argument, "the test file is there already")
        .at(file)
        .next("choose another name, or delete the file");
  }
  nlohmann::ordered_json input = nlohmann::ordered_json::object();
  for (const TrialSplit& split : preview.input) {
    input[split.id] = nlohmann::ordered_json::array();
    for (const RecordBatch& batch : split.rows) {
      for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
        input[split.id].push_back(json_row(pipeline.raw_schema, batch, row));
      }
    }
  }
  nlohmann::ordered_json rejects = nlohmann::ordered_json::array();
  for (const RejectRow& reject : preview.trial.rejects) {
    rejects.push_back({{"split", reject.split}, {"reason", reject.reason}});
  }
  const nlohmann::ordered_json test = {{"name", "rows of " + preview.partition.label},
                                       {"date", preview.partition.label},
                                       {"input", input},
                                       {"output", preview.rows},
                                       {"rejects", rejects}};
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const nlohmann::ordered_json whole = {
      {"pipeline",
       std::filesystem::path(pipeline.definition.file).lexically_proximate(folder).string()},
      {"tests", nlohmann::ordered_json::array({test})}};
  std::ofstream stream(file, std::ios::binary);
  stream << json_text(whole) << "\n";
  stream.close();
  return stream ? Status() : Status(Code::permission_denied, "cannot write the test").at(file);
}

int show_preview(Session& session, const PreviewOptions& options) {
  auto pipeline = session.bind(options.pipeline);
  if (!pipeline.ok()) {
    return session.fail("preview", pipeline.status());
  }
  const auto preview = make_preview(*pipeline, options);
  if (!preview.ok()) {
    return session.fail("preview", preview.status());
  }
  if (!options.test.empty()) {
    if (const Status written = write_test(*pipeline, *preview, options.test); !written.ok()) {
      return session.fail("preview", written);
    }
  }
  if (session.output() == OutputFormat::json) {
    print_envelope("preview",
                   {{"pipeline", pipeline->definition.name},
                    {"partition", preview->partition.label},
                    {"whole", preview->whole},
                    {"rows_read", preview->trial.totals.rows_read},
                    {"rows_out", preview->trial.totals.rows_out},
                    {"rejected", preview->trial.rejects.size()},
                    {"rows", preview->rows}},
                   {});
    return 0;
  }
  std::fputs(session.redact(preview_text(pipeline->out_schema, *preview)).c_str(), stdout);
  std::fputs(session.redact(summary_text(*preview)).c_str(), stderr);
  return 0;
}

}  // namespace

void add_preview_command(CLI::App& app, const Runner& runner) {
  auto options = std::make_shared<PreviewOptions>();
  CLI::App* command = app.add_subcommand(
      "preview", "Read a few rows of a day, run the transforms, print them; nothing is loaded");
  command
      ->add_option("pipeline", options->pipeline,
                   "Pipeline file, or the name of one in ./pipelines")
      ->required();
  command->add_option("--date", options->date, "The day (default: the newest that is closed)");
  command->add_option("--rows", options->rows, "At most this many rows are shown")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--test", options->test,
                      "Read no more rows than that, and write them with what comes of them into "
                      "this file, as a test");
  command->callback([options, runner] {
    runner([options](Session& session) { return show_preview(session, *options); });
  });
}

}  // namespace daymill
