#include "sink_fixture.hpp"

#include "daymill/value.hpp"
#include "identifier.hpp"
#include "sink.hpp"

namespace daymill::postgres {
namespace {

constexpr const char* kColumns =
    " (date date NOT NULL, ad_id bigint NOT NULL, search_word text COLLATE \"C\" NOT NULL,"
    " clicks bigint NOT NULL, impressions bigint NOT NULL, ctr double precision,"
    " PRIMARY KEY (date, ad_id, search_word))";

}  // namespace

TestHost::TestHost()
    : abi{sizeof(daymill_host), this, [](void*, std::int32_t, daymill_text) {},
          [](void* self) -> std::int32_t { return static_cast<TestHost*>(self)->stop ? 1 : 0; }} {}

Schema ad_schema() {
  return Schema{{{"ad_id", Type::int64, Role::key, false},
                 {"search_word", Type::text, Role::key, false},
                 {"clicks", Type::int64, Role::measure, false},
                 {"impressions", Type::int64, Role::measure, false},
                 {"ctr", Type::float64, Role::attribute, true}}};
}

RecordBatch ad_batch(const std::vector<AdRow>& rows) {
  BatchBuilder builder(ad_schema());
  for (const AdRow& row : rows) {
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

Partition day_partition(const std::string& label) {
  const std::int32_t day = parse_date(label).value();
  const std::int64_t start = std::int64_t{day} * 86400 * 1'000'000;
  return Partition{label, day, start, start + 86'400'000'000};
}

Load load_of(const std::vector<AdRow>& rows) {
  Load load;
  load.pipeline = "ad_ctr";
  load.run_id = "run-1";
  load.rows_out = static_cast<std::int64_t>(rows.size());
  load.sums = {Sum{"clicks", 0}, Sum{"impressions", 0}};
  for (const AdRow& row : rows) {
    load.sums[0].value += row.clicks;
    load.sums[1].value += row.impressions;
  }
  load.config_digest = "digest";
  load.plugins = R"({"sink": "postgres 0.1.0"})";
  return load;
}

Receipt receipt(const std::string& split, std::int64_t generation, const std::string& fingerprint) {
  return Receipt{split, generation, 0, fingerprint, 3, split + ".snapshot", false};
}

Config sink_config(int port, const std::string& database, const Overrides& overrides) {
  Overrides values = {{"host", "127.0.0.1"},
                      {"port", std::to_string(port)},
                      {"database", database},
                      {"user", "postgres"},
                      {"password", ""},
                      {"sslmode", "prefer"},
                      {"application_name", "daymill"},
                      {"connect_timeout", "10s"},
                      {"statement_timeout", "5m"},
                      {"lock_timeout", "1s"},
                      {"table", "ads"},
                      {"partition_column", "date"},
                      {"create", "false"}};
  for (const auto& [name, value] : overrides) {
    values[name] = value;
  }
  std::vector<Config::Entry> entries;
  for (const auto& [name, value] : values) {
    if (name != "key") {
      entries.push_back({name, "", value});
    }
  }
  if (overrides.count("key") == 0) {
    entries.push_back({"key", "0", values["partition_column"]});
    entries.push_back({"key", "1", "ad_id"});
    entries.push_back({"key", "2", "search_word"});
  } else if (!overrides.at("key").empty()) {
    entries.push_back({"key", "0", overrides.at("key")});
  }
  return Config(std::move(entries));
}

Status stage_rows(Sink& sink, const Attempt& attempt, const std::vector<AdRow>& rows) {
  DAYMILL_TRY(sink.begin(attempt));
  DAYMILL_ASSIGN(auto writer, sink.open());
  DAYMILL_TRY(writer->write(ad_batch(rows)));
  return writer->finish();
}

Status rehearse_day(Sink& sink, const std::string& day, const std::vector<AdRow>& rows) {
  return stage_rows(sink, Attempt{day_partition(day), 0, "rehearsal"}, rows);
}

Result<std::int64_t> stage_day(Sink& sink, const std::string& day, const Attempted& attempted) {
  const Partition partition = day_partition(day);
  DAYMILL_ASSIGN(const std::int64_t epoch, sink.claim(partition));
  DAYMILL_TRY(stage_rows(
      sink, Attempt{partition, epoch, "run-1", attempted.replace_foreign, attempted.adopt},
      attempted.rows));
  DAYMILL_TRY(sink.reject(attempted.rejects));
  return epoch;
}

Status load_day(Sink& sink, const std::string& day, const Attempted& attempted) {
  Status status = stage_day(sink, day, attempted).status();
  if (status.ok()) {
    status = sink.commit(load_of(attempted.rows), attempted.receipts);
  }
  if (!status.ok()) {
    sink.abort();
  }
  return status;
}

PrivatePostgres& SinkTest::server() {
  static PrivatePostgres server({.fsync = false});
  return server;
}

SinkTest::SinkTest() : server_(server()) {
  static const std::string database = server_.create_database();
  static int tests = 0;
  database_ = database;
  login_ = "login_" + std::to_string(++tests);
}

SinkTest::~SinkTest() {
  exec(
      "SET client_min_messages = error;"
      " DO $$ DECLARE name text; BEGIN"
      " FOR name IN SELECT pubname FROM pg_publication LOOP"
      " EXECUTE format('DROP PUBLICATION %I', name); END LOOP;"
      " FOR name IN SELECT nspname FROM pg_namespace"
      " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP"
      " EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP; END $$;"
      " CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC");
}

Result<std::unique_ptr<Sink>> SinkTest::make(const Overrides& overrides) {
  return PostgresSink::create(sink_config(server_.port(), database_, overrides), host_.host());
}

std::unique_ptr<Sink> SinkTest::bound(const Overrides& overrides, const std::string& pipeline) {
  auto sink = make(overrides);
  EXPECT_TRUE(sink.ok()) << sink.status().to_string();
  const Status status = (*sink)->bind(ad_schema(), pipeline);
  EXPECT_TRUE(status.ok()) << status.to_string();
  return std::move(sink).value();
}

std::vector<std::string> SinkTest::ask(const std::string& sql) {
  std::vector<std::string> lines;
  for (const auto& row : server_.query(sql, database_)) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += (i == 0 ? "" : "|") + row[i].value_or("~");
    }
    lines.push_back(line);
  }
  return lines;
}

void SinkTest::create_partitioned(const std::string& name) {
  exec("CREATE TABLE " + name + kColumns + " PARTITION BY RANGE (date)");
}

void SinkTest::create_plain(const std::string& name) {
  exec("CREATE TABLE " + name + kColumns);
}

void SinkTest::create_layout(const std::string& layout) {
  layout == "plain" ? create_plain() : create_partitioned();
  if (layout == "default") {
    exec("CREATE TABLE rest PARTITION OF ads DEFAULT");
  } else if (layout == "month") {
    exec("CREATE TABLE month PARTITION OF ads FOR VALUES FROM (MINVALUE) TO ('2027-01-01')");
  } else if (layout == "day") {
    exec("CREATE TABLE day PARTITION OF ads FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')");
  }
}

void SinkTest::create_login() {
  exec("CREATE ROLE " + postgres::quote_name(login_) +
       " LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  const Status refused = make({{"user", login_}}).value()->bind(ad_schema(), "ad_ctr");
  EXPECT_EQ(refused.code(), Code::permission_denied) << refused.to_string();
  exec(refused.next().substr(refused.next().find('\n')));
}

std::string SinkTest::stages() {
  return one(
      "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = 'daymill_stage' AND relkind = 'r'");
}

}  // namespace daymill::postgres
