#include "source.hpp"

#include <algorithm>
#include <utility>

#include "daymill/declared_columns.hpp"
#include "daymill/value.hpp"
#include "identifier.hpp"
#include "query_decoder.hpp"
#include "query_reader.hpp"

namespace daymill::postgres {
namespace {

constexpr int kMostSplits = 64;

/// `split_by` must be a key, so that all rows of a key are in one part.
Status check_parts(const Schema& typed, const std::string& split_by, std::int64_t splits) {
  if (split_by.empty() != (splits == 1)) {
    return Status(Code::invalid_config,
                  split_by.empty()
                      ? "splits is " + std::to_string(splits) + ", expected \"split_by\" with it"
                      : "split_by is \"" + printable(split_by) +
                            "\", expected \"splits\" of 2 or more with it");
  }
  const auto column = typed.index_of(split_by);
  if (!split_by.empty() && (!column || typed.fields[*column].role != Role::key ||
                            typed.fields[*column].type != Type::int64)) {
    return Status(Code::invalid_config, "split_by is \"" + printable(split_by) +
                                            "\", expected one of the keys, of type int64");
  }
  return {};
}

}  // namespace

ConfigSpec PostgresSource::spec() {
  ConfigSpec spec = add_connection(
      ConfigSpec("Reads the result of a query of PostgreSQL"),
      "Longest time of one statement: the query up to its first rows, or one page of rows; 0: no "
      "limit");
  spec = std::move(spec)
             .add(text_field("query",
                             "One SELECT. {date} is the partition's date, {start} and {end} are "
                             "the times between which it lies, the end not included")
                      .required()
                      .example("\"SELECT ad_id, search_word, clicks FROM counts WHERE day = "
                               "{date}\""))
             .add(text_field("split_by",
                             "Key column of type int64 by whose remainder the rows are dealt out "
                             "to the splits")
                      .example("\"ad_id\""))
             .add(integer_field("splits",
                                "In how many parts the rows are read, each by a query of its own. "
                                "Part of what was loaded: days are loaded again only with the "
                                "number they were loaded with")
                      .defaults_to(1)
                      .between(1, kMostSplits));
  return declare_columns(std::move(spec));
}

Result<std::unique_ptr<Source>> PostgresSource::create(const Config& config, Host host) {
  Settings settings;
  DAYMILL_ASSIGN(settings.connection, read_connection(config));
  settings.connection.component = "source";
  settings.connection.subject = "query";
  settings.connection.only_reads = true;
  DAYMILL_ASSIGN(settings.query, QueryText::parse(config.text("query")));
  DAYMILL_ASSIGN(settings.typed, declared_schema(config));
  settings.split_by = config.text("split_by");
  settings.splits = config.integer("splits", 1);
  DAYMILL_TRY(check_parts(settings.typed, settings.split_by, settings.splits));
  return std::unique_ptr<Source>(new PostgresSource(std::move(settings), host));
}

Result<Schema> PostgresSource::raw_schema() {
  return raw_schema_of(settings_.typed);
}

std::string PostgresSource::split_id(std::int64_t part) const {
  return settings_.splits == 1 ? "query"
                               : "query part " + std::to_string(part + 1) + " of " +
                                     std::to_string(settings_.splits) + " by " + settings_.split_by;
}

std::optional<std::int64_t> PostgresSource::part_of(std::string_view id) const {
  for (std::int64_t part = 0; part < settings_.splits; ++part) {
    if (split_id(part) == id) {
      return part;
    }
  }
  return std::nullopt;
}

std::string PostgresSource::select_part(std::int64_t part) const {
  std::string sql = "SELECT ";
  for (const Field& field : settings_.typed.fields) {
    sql += (sql.back() == ' ' ? "" : ", ") + quote_name(field.name);
  }
  sql += " FROM (\n" + settings_.query.sql() + "\n) AS daymill_query";
  if (settings_.splits > 1) {
    // Of a negative number the remainder is negative; where there is no number, the row is a reject
    // that somebody has to see.
    const std::string parts = std::to_string(settings_.splits);
    sql += " WHERE coalesce((" + quote_name(settings_.split_by) + " % " + parts + " + " + parts +
           ") % " + parts + ", 0) = " + std::to_string(part);
  }
  return sql;
}

Result<std::unique_ptr<Connection>> PostgresSource::connect() const {
  DAYMILL_ASSIGN(auto connection, Connection::open(settings_.connection, host_));
  if (connection->server_encoding() == "SQL_ASCII") {
    return Status(Code::unsupported,
                  "the database is encoded in SQL_ASCII, which does not say what its texts are, "
                  "expected an encoding such as UTF8")
        .at(connection->place());
  }
  return connection;
}

Result<std::vector<Split>> PostgresSource::plan(const Partition& /*partition*/) {
  moment_.reset();
  DAYMILL_ASSIGN(const auto connection, connect());
  DAYMILL_TRY(describe_query(*connection, settings_.query, settings_.typed));
  std::vector<Split> splits;
  for (std::int64_t part = 0; part < settings_.splits; ++part) {
    Split split;
    split.id = split_id(part);
    split.location = settings_.connection.place() + split.id.substr(std::string("query").size());
    splits.push_back(std::move(split));
  }
  return splits;
}

/// Lets the session see what the other parts of the same reading see. The moment is held only until
/// the last part has joined; a part that is opened again begins another.
Status PostgresSource::join_moment(Connection& connection, std::int64_t part) {
  if (moment_ == nullptr || opened_.count(part) != 0) {
    opened_.clear();
    moment_.reset();
    DAYMILL_ASSIGN(moment_, Moment::take(settings_.connection, host_));
  }
  DAYMILL_TRY(moment_->join(connection));
  opened_.insert(part);
  if (opened_.size() == static_cast<std::size_t>(settings_.splits)) {
    moment_.reset();
  }
  return {};
}

Result<std::unique_ptr<Reader>> PostgresSource::open(const Partition& partition,
                                                     const Split& split) {
  const auto part = part_of(split.id);
  if (!part) {
    return Status(Code::not_found, "the source has no split \"" + printable(split.id) +
                                       "\", expected \"" + split_id(0) + "\"");
  }
  DAYMILL_ASSIGN(auto connection, connect());
  DAYMILL_ASSIGN(ReadingSession session, ReadingSession::begin(std::move(connection)));
  if (settings_.splits > 1) {
    DAYMILL_TRY(join_moment(*session.connection, *part));
  }
  // Again, as from here on nobody can change the tables.
  DAYMILL_ASSIGN(QueryColumns columns,
                 describe_query(*session.connection, settings_.query, settings_.typed));
  return open_query(std::move(session), select_part(*part), settings_.query.params(partition),
                    std::move(columns.wires));
}

Result<std::unique_ptr<Lane>> PostgresSource::decoder(const Partition& /*partition*/,
                                                      std::string_view split_id_read) {
  if (!part_of(split_id_read)) {
    return Status(Code::invalid_config, "the day was loaded from \"" + printable(split_id_read) +
                                            "\", but \"split_by\" and \"splits\" now give \"" +
                                            split_id(0) +
                                            "\": loading both would count every row twice")
        .at(settings_.connection.place())
        .next("for this day, give \"split_by\" and \"splits\" as they were");
  }
  return make_query_decoder(settings_.typed);
}

Result<std::vector<std::string>> PostgresSource::check() {
  DAYMILL_ASSIGN(const auto connection, connect());
  DAYMILL_ASSIGN(const Rows server,
                 connection->exec("SELECT pg_catalog.current_setting('server_version'),"
                                  " current_user, pg_catalog.pg_is_in_recovery()"));
  std::vector<std::string> lines;
  lines.push_back("reached " + connection->place() + " as " + server.text(0, 1) + ", PostgreSQL " +
                  server.text(0, 0) + (server.boolean(0, 2) ? ", a standby" : "") +
                  "; the session only reads");
  DAYMILL_ASSIGN(const QueryColumns columns,
                 describe_query(*connection, settings_.query, settings_.typed));
  lines.push_back("the query gives the " + std::to_string(settings_.typed.size()) +
                  " declared columns");
  std::string others;
  for (const std::string& name : columns.not_declared) {
    others += (others.empty() ? "" : ", ") + printable(name);
  }
  if (!others.empty()) {
    lines.push_back("columns of the query that are not declared are not read: " + others);
  }
  return lines;
}

}  // namespace daymill::postgres
