#include "source_fixture.hpp"

#include <algorithm>

#include "support/text_rows.hpp"

namespace daymill::postgres {
namespace {

std::string cell(Type type, const Column& column, std::int64_t row) {
  return column.is_null(row) ? "~" : support::text_cell(type, column, row);
}

class Collector final : public Emitter {
 public:
  Collector(const Schema& schema, Read& read) : schema_(schema), read_(read) {}
  Status emit(RecordBatch batch) override {
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      std::string line;
      for (std::size_t i = 0; i < schema_.size(); ++i) {
        line += (i == 0 ? "" : "|") + cell(schema_.fields[i].type, batch.column(i), row);
      }
      read_.rows.push_back(std::move(line));
    }
    return {};
  }
  Status reject(const Rejection& rejection) override {
    read_.rejects.push_back(std::string(rejection.reason) + " " + std::string(rejection.message) +
                            " " + std::to_string(rejection.amount));
    return {};
  }

 private:
  Schema schema_;
  Read& read_;
};

}  // namespace

Config source_config(int port, const std::string& database, const Declared& declared) {
  Overrides values = {{"host", "127.0.0.1"},      {"port", std::to_string(port)},
                      {"database", database},     {"user", "postgres"},
                      {"password", ""},           {"sslmode", "prefer"},
                      {"connect_timeout", "10s"}, {"statement_timeout", "5m"},
                      {"lock_timeout", "1s"},     {"application_name", "daymill"},
                      {"query", declared.query},  {"splits", "1"}};
  for (const auto& [name, value] : declared.settings) {
    values[name] = value;
  }
  std::vector<Config::Entry> entries;
  for (const auto& [name, value] : values) {
    entries.push_back({name, "", value});
  }
  for (const auto& [name, type] : declared.columns) {
    entries.push_back({"columns", name, type});
  }
  for (std::size_t i = 0; i < declared.keys.size(); ++i) {
    entries.push_back({"keys", std::to_string(i), declared.keys[i]});
  }
  for (std::size_t i = 0; i < declared.measures.size(); ++i) {
    entries.push_back({"measures", std::to_string(i), declared.measures[i]});
  }
  return Config(std::move(entries));
}

Status read_into(Source& source, Reader& reader, Lane& decoder, Read& read) {
  DAYMILL_ASSIGN(const Schema raw, source.raw_schema());
  DAYMILL_ASSIGN(const Schema typed, source.schema());
  Collector out(typed, read);
  BatchBuilder builder(raw);
  for (ReadState state = ReadState::more; state == ReadState::more;) {
    DAYMILL_ASSIGN(state, reader.read(builder));
    ++read.pages;
    DAYMILL_TRY(decoder.process(builder.finish(), out));
  }
  return decoder.finish(out);
}

Result<Read> read_day(Source& source, const std::string& label) {
  const Partition day = day_partition(label);
  Read read;
  DAYMILL_ASSIGN(const std::vector<Split> splits, source.plan(day));
  std::vector<std::unique_ptr<Reader>> readers;
  for (const Split& split : splits) {
    DAYMILL_ASSIGN(auto reader, source.open(day, split));
    readers.push_back(std::move(reader));
  }
  for (std::size_t i = 0; i < splits.size(); ++i) {
    DAYMILL_ASSIGN(const auto decoder, source.decoder(day, splits[i].id));
    DAYMILL_TRY(read_into(source, *readers[i], *decoder, read));
    DAYMILL_ASSIGN(const Scan scan, readers[i]->confirm(0));
    EXPECT_EQ(scan, Scan::stable);
  }
  std::sort(read.rows.begin(), read.rows.end());
  std::sort(read.rejects.begin(), read.rejects.end());
  return read;
}

std::unique_ptr<Source> SourceTest::source(const Declared& declared) {
  auto made =
      PostgresSource::create(source_config(server_.port(), database_, declared), host_.host());
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return made.ok() ? std::move(made).value() : nullptr;
}

Status SourceTest::refusal(const Declared& declared) {
  const auto made =
      PostgresSource::create(source_config(server_.port(), database_, declared), host_.host());
  return made.ok() ? read_day(*made.value()).status() : made.status();
}

void SourceTest::create_counts() {
  exec("CREATE TABLE counts (day date, ad_id bigint, word text, clicks bigint)");
}

std::string SourceTest::sessions() {
  return one(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
      " AND pid <> pg_backend_pid() AND backend_type = 'client backend'");
}

std::string SourceTest::sessions_in_a_transaction() {
  return one(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
      " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL");
}

}  // namespace daymill::postgres
