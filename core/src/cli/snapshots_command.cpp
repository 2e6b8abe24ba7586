// daymill snapshots list, daymill snapshots cat, daymill snapshots prune
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/prune_snapshots.hpp"
#include "cli/run_arguments.hpp"
#include "cli/session.hpp"
#include "daymill/value.hpp"
#include "observe/run_report.hpp"
#include "run/reject_log.hpp"
#include "snapshot/snapshot_file.hpp"

namespace daymill {

namespace {

struct SnapshotArguments {
  std::string pipeline;
  std::string date;
  std::string file;
  std::int64_t limit = 100;
};

nlohmann::ordered_json to_json(const SnapshotManifest& manifest) {
  return {{"pipeline", manifest.pipeline},     {"partition", manifest.partition},
          {"split", manifest.split},           {"location", manifest.location},
          {"generation", manifest.generation}, {"run_id", manifest.run_id},
          {"created_at", manifest.created_at}, {"rows", manifest.rows},
          {"rows_read", manifest.rows_read},   {"fingerprint", manifest.fingerprint},
          {"confirmed", manifest.confirmed}};
}

int list_snapshots(Session& session, const SnapshotArguments& arguments) {
  const auto store = session.snapshots();
  if (!store.ok()) {
    return session.fail("snapshots list", store.status());
  }
  const std::string pipeline = session.name_of(arguments.pipeline);
  const auto snapshots = store->list(pipeline, arguments.date);
  if (!snapshots.ok()) {
    return session.fail("snapshots list", snapshots.status());
  }
  if (session.output() == OutputFormat::json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const StoredSnapshot& snapshot : *snapshots) {
      nlohmann::ordered_json entry = to_json(snapshot.manifest);
      entry["file"] = snapshot.path.string();
      entry["bytes"] = snapshot.bytes;
      list.push_back(std::move(entry));
    }
    print_envelope("snapshots list", {{"snapshots", list}}, {});
    return 0;
  }
  if (snapshots->empty()) {
    std::fprintf(stderr, "no snapshots of %s\n", printable(pipeline).c_str());
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"DATE", "SPLIT", "GENERATION", "ROWS", "BYTES", "CREATED", "FILE"}};
  for (const StoredSnapshot& snapshot : *snapshots) {
    rows.push_back({snapshot.manifest.partition, snapshot.manifest.split,
                    std::to_string(snapshot.manifest.generation), grouped(snapshot.manifest.rows),
                    grouped(static_cast<std::int64_t>(snapshot.bytes)),
                    snapshot.manifest.created_at, snapshot.path.string()});
  }
  std::fputs(table_text(rows).c_str(), stdout);
  return 0;
}

/// One raw row per line, columns joined by TAB, bytes that could harm a terminal escaped.
Status print_rows(SnapshotFile& file, std::int64_t limit) {
  std::int64_t printed = 0;
  for (int bucket = 0; bucket < kSnapshotBuckets && printed < limit; ++bucket) {
    DAYMILL_TRY(file.read_bucket(bucket, [&](const RecordBatch& batch) {
      for (std::int64_t row = 0; row < batch.num_rows() && printed < limit; ++row, ++printed) {
        std::string line;
        for (std::size_t i = 0; i < batch.num_columns(); ++i) {
          line += i == 0 ? "" : "\t";
          line += printable(
              value_text(file.manifest().raw_schema.fields[i].type, batch.column(i), row), 4096);
        }
        std::puts(line.c_str());
      }
      return Status();
    }));
  }
  return {};
}

int print_snapshot(Session& session, const SnapshotArguments& arguments) {
  auto file = SnapshotFile::open(arguments.file);
  if (!file.ok()) {
    return session.fail("snapshots cat", file.status());
  }
  if (session.output() == OutputFormat::json) {
    std::puts(to_json(file->manifest()).dump().c_str());
  }
  const Status status = print_rows(*file, arguments.limit);
  if (!status.ok()) {
    return session.fail("snapshots cat", status);
  }
  if (file->manifest().rows > arguments.limit) {
    std::fprintf(stderr, "%s of %s rows; --limit shows more\n", grouped(arguments.limit).c_str(),
                 grouped(file->manifest().rows).c_str());
  }
  return 0;
}

}  // namespace

void add_snapshots_command(CLI::App& app, const Runner& runner) {
  auto arguments = std::make_shared<SnapshotArguments>();
  CLI::App* snapshots =
      app.add_subcommand("snapshots", "What was read from sources, kept for replay");
  snapshots->require_subcommand(1);
  CLI::App* list = snapshots->add_subcommand("list", "Snapshots of a pipeline");
  list->add_option("pipeline", arguments->pipeline, "Pipeline name or file")->required();
  list->add_option("--date", arguments->date, "Of one day only");
  list->callback([arguments, runner] {
    runner([arguments](Session& session) { return list_snapshots(session, *arguments); });
  });
  CLI::App* cat = snapshots->add_subcommand("cat", "Raw rows of one snapshot");
  cat->add_option("file", arguments->file, "Snapshot file")->required();
  cat->add_option("--limit", arguments->limit, "At most this many rows")
      ->check(CLI::Range(1, 1'000'000'000));
  cat->callback([arguments, runner] {
    runner([arguments](Session& session) { return print_snapshot(session, *arguments); });
  });
  auto prune_arguments = std::make_shared<PruneArguments>();
  CLI::App* prune = snapshots->add_subcommand(
      "prune", "Delete snapshots that were removed from the source long ago");
  add_pipeline_argument(*prune, prune_arguments->pipeline);
  prune
      ->add_option("--keep-days", prune_arguments->keep_days,
                   "Days after the removal; without it what the pipeline says, or 35")
      ->check(CLI::Range(0, 36500));
  prune->add_flag("--dry-run", prune_arguments->dry_run, "Only say what would be deleted, and why");
  prune->callback([prune_arguments, runner] {
    runner(
        [prune_arguments](Session& session) { return prune_snapshots(session, *prune_arguments); });
  });
}

}  // namespace daymill
