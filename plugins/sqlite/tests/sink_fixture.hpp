// A sink on a database in a temporary folder, and the calls of one attempt.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "connection.hpp"
#include "sqlite_sink.hpp"
#include "support/temporary_folder.hpp"

namespace daymill::sqlite {

struct Row {
  std::int64_t ad_id;
  std::string word;
  std::int64_t clicks;
  std::int64_t impressions;
};
using Rows = std::vector<Row>;

constexpr const char* kDay = "2026-11-20";

inline Schema rows_schema() {
  return Schema{{{"ad_id", Type::int64, Role::key, false},
                 {"search_word", Type::text, Role::key, false},
                 {"clicks", Type::int64, Role::measure, true},
                 {"impressions", Type::int64, Role::measure, true},
                 {"ctr", Type::float64, Role::attribute, true}}};
}

inline RecordBatch batch_of(const Rows& rows) {
  BatchBuilder builder(rows_schema());
  for (const Row& row : rows) {
    builder.column(0).append_int64(row.ad_id);
    builder.column(1).append_bytes(row.word);
    builder.column(2).append_int64(row.clicks);
    builder.column(3).append_int64(row.impressions);
    if (row.impressions == 0) {
      builder.column(4).append_null();
    } else {
      builder.column(4).append_float64(static_cast<double>(row.clicks) /
                                       static_cast<double>(row.impressions));
    }
    builder.end_row();
  }
  return builder.finish();
}

inline Partition day_of(const std::string& label) {
  Partition partition;
  partition.label = label;
  partition.day = *parse_date(label);
  return partition;
}

inline Load load_of(const Rows& rows, std::int64_t epoch) {
  Load load;
  load.epoch = epoch;
  load.run_id = "run-" + std::to_string(epoch);
  load.rows_out = static_cast<std::int64_t>(rows.size());
  load.sums = {{"clicks", 0}, {"impressions", 0}};
  for (const Row& row : rows) {
    load.sums[0].value += row.clicks;
    load.sums[1].value += row.impressions;
  }
  load.config_digest = "digest";
  load.plugins = R"({"ctr":"0.1.0"})";
  return load;
}

inline Receipt receipt_of(std::int64_t generation, std::int64_t epoch) {
  return Receipt{"clicks", generation, epoch, "fingerprint", 2, "file.snapshot", false};
}

class SinkFixture {
 public:
  using Settings = std::map<std::string, std::string>;

  [[nodiscard]] std::string database() const { return (folder / "analytics.db").string(); }

  [[nodiscard]] std::unique_ptr<Sink> make(const Settings& changes = {}, Host host = Host()) const {
    Settings settings{{"database", database()},
                      {"table", "analytics"},
                      {"partition_column", "date"},
                      {"create", "true"},
                      {"busy_timeout_ms", "0"}};
    for (const auto& [name, value] : changes) {
      settings[name] = value;
    }
    std::vector<Config::Entry> entries{
        {"key", "0", "date"}, {"key", "1", "ad_id"}, {"key", "2", "search_word"}};
    for (const auto& [name, value] : settings) {
      entries.push_back({name, "", value});
    }
    return std::move(SqliteSink::create(Config(entries), host)).value();
  }

  /// A sink that is bound for the pipeline.
  [[nodiscard]] std::unique_ptr<Sink> bound(const std::string& pipeline = "ads",
                                            Host host = Host()) const {
    auto sink = make({}, host);
    const Status status = sink->bind(rows_schema(), pipeline);
    EXPECT_TRUE(status.ok()) << status.to_string();
    return sink;
  }

  /// begin and write, for an epoch that was claimed.
  static Status stage(Sink& sink, const std::string& label, std::int64_t epoch, const Rows& rows,
                      bool replace_foreign = false) {
    DAYMILL_TRY(
        sink.begin(Attempt{day_of(label), epoch, "run-" + std::to_string(epoch), replace_foreign}));
    DAYMILL_ASSIGN(auto writer, sink.open());
    DAYMILL_TRY(writer->write(batch_of(rows)));
    return writer->finish();
  }

  /// A whole attempt with one receipt.
  static Status load(Sink& sink, const std::string& label, const Rows& rows,
                     bool replace_foreign = false) {
    DAYMILL_ASSIGN(const std::int64_t epoch, sink.claim(day_of(label)));
    DAYMILL_TRY(stage(sink, label, epoch, rows, replace_foreign));
    return sink.commit(load_of(rows, epoch), {receipt_of(1, epoch)});
  }

  /// Runs statements over a connection of its own.
  void execute(const std::string& sql) const {
    const Status status = other()->execute(sql);
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
  [[nodiscard]] std::unique_ptr<Connection> other() const {
    auto connection = Connection::open(database(), Connection::Mode::create, 0, Host());
    EXPECT_TRUE(connection.ok()) << connection.status().to_string();
    return std::move(connection).value();
  }
  /// The result of a query: columns joined by "|", a row per element.
  [[nodiscard]] std::vector<std::string> query(const std::string& sql) const {
    const auto connection = other();
    auto prepared = connection->prepare(sql);
    EXPECT_TRUE(prepared.ok()) << prepared.status().to_string();
    Statement statement = std::move(prepared).value();
    std::vector<std::string> rows;
    while (statement.step().value()) {
      std::string text;
      for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
        text += (i == 0 ? "" : "|") + (statement.is_null(i) ? "~" : statement.text(i));
      }
      rows.push_back(text);
    }
    return rows;
  }
  [[nodiscard]] std::vector<std::string> table() const {
    return query("SELECT * FROM analytics ORDER BY date, ad_id, search_word");
  }

  support::TemporaryFolder folder{"sqlite"};
};

}  // namespace daymill::sqlite
